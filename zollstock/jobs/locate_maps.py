"""Take the maps of one model on a share of the images, and judge them."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from zollstock.devices import choose_device, hold_device
from zollstock.images.table import ImageRecord, read_table
from zollstock.inference.kept import model_fingerprint
from zollstock.locate.differentiable import Differentiable, GradientModel
from zollstock.locate.kept import KeptMaps
from zollstock.locate.ranking import table_of
from zollstock.locate.study import Located, locate_in
from zollstock.locate.taking import Method
from zollstock.manifests import read_manifest, store_of
from zollstock.models.card import load_model
from zollstock.parquet import write_parquet
from zollstock.progress import Progress
from zollstock.scoring.follow import chosen_of_pictures
from zollstock.scoring.outputs import Spelled


def locate_maps(
    *,
    model: str,
    manifests: Mapping[str, Path],
    images: Path,
    pixels: Path,
    pictures: Path,
    weights: Path,
    card: Path,
    code: Sequence[Path],
    maps: Path,
    table: Path,
    share: tuple[int, int],
    output: Spelled,
    seed: int,
    world: str,
    cfg: Mapping[str, Any],
    device: str,
    shared: bool,
    threads: int,
) -> None:
    """Write a table of judgements of one model's maps, and keep the maps.

    Parameters
    ----------
    model
        Its name.
    manifests
        Property or set of placebos → manifest of its paths.
    images, pixels
        Table of the images, and the folder with their PNGs.
    pictures
        Zarr group of what the model says of these; the class that is followed is read off it.
    weights, card
        The model.
    code
        The files that run; with others all maps are taken again.
    maps
        Folder of the model's maps, see `zollstock.locate.kept`; what is there is kept.
    table
        The Parquet that is written.
    share
        Which share of the images, of how many.
    output
        What is followed.
    seed, world
        Of the study.
    cfg
        ``images``, ``methods``, ``left_out``, ``properties``, ``evaluate``, ``placebos`` and
        ``frames``; see `zollstock.plan.locating.Locating.job`.
    device, shared, threads
        How the model is run.
    """
    torch.set_num_threads(threads)
    records = read_table(images, pixels)
    chosen = chosen_images(records, cfg["images"])[share[0] :: share[1]]
    labels = {record.id: record.label for record in records}
    classes = chosen_of_pictures(pictures, output, labels)
    loaded = load_model(weights, card)
    where = hold_device(device, shared=shared)
    network = Differentiable(loaded, device=where)
    how = {"device": choose_device(device).type, "precision": "float32"}
    mark = f"{model_fingerprint(weights, card, code, how)} {output}"

    def follow(record: ImageRecord) -> GradientModel:
        return network.follow(output, classes[record.id])

    study = Located(
        methods=[Method(**method) for method in cfg["methods"]],
        properties={
            name: {**prop, **_paths(manifests[name]), "placebos": _placebos(manifests, prop)}
            for name, prop in cfg["properties"].items()
        },
        placebos=cfg["placebos"],
        frames=cfg["frames"],
        world=world,
        seed=seed,
        evaluate=cfg["evaluate"],
    )
    if left_out := cfg.get("left_out"):
        # torch cannot differentiate it.
        print(
            f"note: {model}: gives no gradients, so these methods leave it out: "
            f"{', '.join(left_out)}",
            file=sys.stderr,
        )
    total = len(chosen) * len(study.methods)
    with Progress(f"locating, {model}", total, "methods on images") as count:
        rows = locate_in(study, chosen, follow, KeptMaps(maps), mark, count)
        found = table_of([{"model": model, **row} for row in rows])
    write_parquet(found, table)


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


def _paths(manifest: Path) -> dict[str, Any]:
    return {"manifest": read_manifest(manifest), "store": store_of(manifest)}


def _placebos(manifests: Mapping[str, Path], prop: Mapping[str, Any]) -> tuple[Any, Path] | None:
    name = prop["placebos"]
    if name is None:
        return None
    return read_manifest(manifests[name]), store_of(manifests[name])
