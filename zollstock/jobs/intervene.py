"""Make the paths of one job's share of a property's images."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from zollstock.draws import drawn_records
from zollstock.engines import engine_for
from zollstock.engines.produce import produce_paths
from zollstock.files import models_in, read_json, write_json
from zollstock.images.table import read_table
from zollstock.progress import Progress
from zollstock.store import PathStore


def intervene(*, plan: Path, part_file: Path, **how: Any) -> None:  # noqa: ANN401
    """Make the missing paths of one share of the images and write their entries.

    Parameters
    ----------
    plan
        Of `zollstock.jobs.plan_interventions`; the store lies beside it.
    part_file
        The JSON that is written.
    **how
        The other arguments of `edits_made`.
    """
    write_json(edits_made(plan=read_json(plan), folder=plan.parent, **how), part_file)


def edits_made(
    *,
    images: Path,
    pixels: Path,
    plan: Mapping[str, Any],
    folder: Path,
    watched: Sequence[str],
    name: str,
    part: int,
    parts: int,
    cfg: Mapping[str, Any],
    options: Mapping[str, Any],
    threads: int,
    device: str,
) -> list[dict[str, Any]]:
    """Make the missing paths of one share of the images and return their entries.

    Parameters
    ----------
    images, pixels
        Table of the images, and the folder with their PNGs.
    plan, folder
        Of `zollstock.jobs.plan_interventions`, and where its store lies.
    watched
        Weights and card, in turn, of each model that an adaptive path looks at.
    name
        Of the property.
    part, parts
        Which share, counted from 0, of how many.
    cfg
        What the frames depend on; see `zollstock.plan.study.Plan.interventions`.
    options
        How an editor is run.
    threads, device
        Threads of torch, and where watched models run.
    """
    mine = drawn_records(read_table(images, pixels)[part::parts], cfg["draws"])
    settings, run = cfg["property"] | cfg["inexact"], None
    if cfg["edited"]:
        run = import_module("zollstock.jobs.editing").run_options(options, watched, threads, device)
        # An adaptive path depends on the models that it looks at.
        settings |= {"watched": [read_json(card)["sha256"] for _, card in models_in(watched)]}
    title = name if parts == 1 else f"{name}, part {part + 1} of {parts}"
    with Progress(title, len(mine) * plan["shape"]["steps"]) as count:
        return produce_paths(
            engine_for(cfg["property"], run),
            settings,
            mine,
            PathStore(folder / plan["store"], writable=True, shape=plan["shape"]),
            plan["rows"],
            seed=cfg["seed"],
            frames_done=count,
        )
