"""Make the placebo paths of one job's share of the images."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from zollstock.engines import engine_for
from zollstock.engines.placebos.references import References
from zollstock.engines.produce import produce_draws
from zollstock.files import read_json, write_json
from zollstock.images.table import read_table
from zollstock.manifests import read_manifest
from zollstock.progress import Progress
from zollstock.store import PathStore


def make_placebos(*, plan: Path, part_file: Path, **how: Any) -> None:  # noqa: ANN401
    """Make the missing placebos of one share of the images and write their entries.

    Parameters
    ----------
    plan
        Of `zollstock.jobs.plan_interventions`; the store lies beside it.
    part_file
        The JSON that is written.
    **how
        The other arguments of `placebos_made`.
    """
    write_json(placebos_made(plan=read_json(plan), folder=plan.parent, **how), part_file)


def placebos_made(
    *,
    images: Path,
    pixels: Path,
    plan: Mapping[str, Any],
    folder: Path,
    predictions: Sequence[str],
    watched: Sequence[str],
    name: str,
    part: int,
    parts: int,
    cfg: Mapping[str, Any],
    options: Mapping[str, Any],
    threads: int,
    device: str,
) -> list[dict[str, Any]]:
    """Make the missing placebos of one share of the images and return their entries.

    Parameters
    ----------
    images, pixels
        Table of the images, and the folder with their PNGs.
    plan, folder
        Of `zollstock.jobs.plan_interventions`, and where its store lies.
    predictions, watched
        Where models say when placebos are enough: of the edits, model by model; and weights and
        card of each model in turn.
    name
        Of the set.
    part, parts
        Which share, counted from 0, of how many.
    cfg
        What the frames depend on, and ``stop_after`` with what decides it.
    options
        How an editor is run.
    threads, device
        Threads of torch, and where watched models run.
    """
    mine = read_table(images, pixels)[part::parts]
    run = None
    if cfg["edited"]:
        run = import_module("zollstock.jobs.editing").run_options(options, threads=threads)
    references = References.of(read_manifest(folder / plan["edits"]), folder)
    store = PathStore(folder / plan["store"], writable=True, shape=plan["shape"])
    stop = None
    if cfg["stop_after"]:
        stopping = import_module("zollstock.jobs.stopping")
        stop = stopping.early_stop(cfg, predictions, watched, device, images)

    def needed(image: str, new: Sequence[Mapping[str, Any]]) -> int:
        """Return how many more placebos an image needs at least."""
        if stop is None:
            return len(cfg["draws"])
        for entry in new:
            if "failed" not in entry:
                at = entry["row"], image, entry["checksum"], entry["draw"]
                path = store.read_checked(*at)
                stop.look(image, path.frames, path.unedited)
        return int(stop.needed(image))

    wanted = len(mine) * len(cfg["draws"])
    title = name if parts == 1 else f"{name}, part {part + 1} of {parts}"
    with Progress(title, wanted * plan["shape"]["steps"]) as count:
        made = produce_draws(
            engine_for(cfg["property"] | {"profiles": plan["profiles"]}, run, references),
            cfg["property"] | cfg["inexact"],
            mine,
            cfg["draws"],
            store,
            plan["rows"],
            seed=cfg["seed"],
            frames_done=count,
            needed=needed,
        )
        entries = [entry for of_image in made for entry in of_image]
    if len(entries) < wanted:
        print(
            f"{title}: {len(entries)} of {wanted} placebo edits were needed, "
            f"{wanted - len(entries)} saved",
            file=sys.stderr,
        )
    return entries
