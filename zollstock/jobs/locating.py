"""What the jobs that locate share: the images, and a model whose output is followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zollstock.devices import choose_device, hold_device
from zollstock.images.table import ImageRecord, read_table
from zollstock.inference.fingerprint import model_fingerprint
from zollstock.locate.differentiable import Differentiable, GradientModel
from zollstock.models.card import load_model
from zollstock.scoring.follow import chosen_of_pictures
from zollstock.scoring.outputs import Spelled


@dataclass(frozen=True)
class Sources:
    """Where the job reads from.

    Attributes
    ----------
    images, pixels
        Table of the images, and the folder with their PNGs.
    pictures
        Zarr group of what the model says of these; the class that is followed is read off it.
    weights, card
        The model.
    code
        The files that run; with others all is made again.
    """

    images: Path
    pixels: Path
    pictures: Path
    weights: Path
    card: Path
    code: Sequence[Path]


def looked_into(snakemake: Any) -> dict[str, Any]:  # noqa: ANN401 - Snakemake's object
    """Return what rules that look into a model hand to their jobs, as the jobs' arguments."""
    files, params = snakemake.input, snakemake.params
    cfg = params.cfg
    sources = Sources(
        images=Path(files.images),
        pixels=Path(files.pixels),
        pictures=Path(params.pictures[0]),
        weights=Path(files.weights),
        card=Path(files.card),
        code=[Path(file) for file in [*files.lib, *files.code]],
    )
    return {
        "model": snakemake.wildcards.model,
        "sources": sources,
        "manifests": dict(zip(cfg["manifests"], map(Path, files.manifests), strict=True)),
        "output": cfg["output"],
        "seed": cfg["seed"],
        "device": snakemake.config["inference"]["device"],
        "shared": snakemake.resources.gpu_slots == 1,
        "threads": snakemake.threads,
    }


def handed_over(snakemake: Any) -> dict[str, Any]:  # noqa: ANN401 - Snakemake's object
    """Return what the rules that locate hand to their jobs, as the jobs' arguments."""
    cfg = snakemake.params.cfg
    return looked_into(snakemake) | {
        "table": Path(snakemake.output.table),
        "share": (int(snakemake.wildcards.share), cfg["shares"]),
        "world": cfg["world"],
    }


class FollowedModel:
    """A model, and what is followed of it on each image.

    Parameters
    ----------
    sources
        What is read.
    output
        What is followed.
    device, shared
        How the model is run; see `zollstock.devices.hold_device`.

    Attributes
    ----------
    records
        All images of the study.
    mark
        Of the model, the code and what is followed: what is kept hangs on it.
    network
        The model, with gradients.
    """

    def __init__(self, sources: Sources, output: Spelled, *, device: str, shared: bool) -> None:
        self.records = read_table(sources.images, sources.pixels)
        labels = {record.id: record.label for record in self.records}
        self._classes = chosen_of_pictures(sources.pictures, output, labels)
        loaded = load_model(sources.weights, sources.card)
        self.network = Differentiable(loaded, device=hold_device(device, shared=shared))
        self._output = output
        how = {"device": choose_device(device).type, "precision": "float32"}
        found = model_fingerprint(sources.weights, sources.card, sources.code, how)
        self.mark = f"{found} {output}"

    def follow(self, record: ImageRecord) -> GradientModel:
        """Return the followed output on an image."""
        return self.network.follow(self._output, self._classes[record.id])


def chosen_images(records: Sequence[ImageRecord], number: int | str) -> list[ImageRecord]:
    """Return the images that are looked at: of each label one in turn, in the table's order."""
    if number == "all":
        return list(records)
    by_label: dict[str, list[ImageRecord]] = {}
    for record in records:
        by_label.setdefault(record.label, []).append(record)
    turns = max(map(len, by_label.values()), default=0)
    in_turn = [
        group[turn] for turn in range(turns) for group in by_label.values() if turn < len(group)
    ]
    return in_turn[: int(number)]
