"""Judge a grid of perturbation methods: one model on a share of the images."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from zollstock.images.table import ImageRecord
from zollstock.jobs.locating import FollowedModel, Sources, chosen_images
from zollstock.locate.combinations import Combinations, judge_combinations
from zollstock.locate.rows import KeptRows
from zollstock.locate.standing import table_of_combinations
from zollstock.locate.study import Located
from zollstock.manifests import read_manifest, store_of
from zollstock.parquet import write_parquet
from zollstock.progress import Progress
from zollstock.scoring.outputs import Spelled


def locate_grid(
    *,
    model: str,
    sources: Sources,
    manifests: Mapping[str, Path],
    rows: Path,
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
    """Write a table of judgements of every combination, and keep its rows.

    Parameters
    ----------
    model
        Its name.
    sources
        Images and model.
    manifests
        Property → manifest of its paths.
    rows
        Folder of the model's rows, see `zollstock.locate.rows`; what is there is kept.
    table
        The Parquet that is written.
    share
        Which share of the images, of how many.
    output
        What is followed.
    seed, world
        Of the study.
    cfg
        ``images``, ``grid``, ``evaluate`` and ``properties``; see
        `zollstock.plan.locating.Locating.grid_job`.
    device, shared, threads
        How the model is run.
    """
    torch.set_num_threads(threads)
    followed = FollowedModel(sources, output, device=device, shared=shared)
    grid = cfg["grid"]
    chosen = first_of(chosen_images(followed.records, cfg["images"]), grid["fraction"])
    chosen = chosen[share[0] :: share[1]]
    combinations = Combinations(
        grid["passes"], grid["attributers"], grid["per"], grid["repetitions"]
    )
    study = Located(
        methods=[],
        properties={
            name: {
                **prop,
                "manifest": read_manifest(manifests[name]),
                "store": store_of(manifests[name]),
                "placebos": None,
            }
            for name, prop in cfg["properties"].items()
        },
        placebos=0,
        frames=2,
        world=world,
        seed=seed,
        evaluate=cfg["evaluate"],
        images=followed.records,
    )
    with Progress(f"grid of methods, {model}", len(chosen), "images") as count:
        found = judge_combinations(
            combinations,
            study,
            chosen,
            followed.follow,
            KeptRows(rows),
            followed.mark,
            lambda: count(1),
        )
        judged = table_of_combinations(model, found)
    write_parquet(judged, table)


def first_of(records: Sequence[ImageRecord], fraction: float) -> list[ImageRecord]:
    """Return the first records, as many as a fraction of all, rounded up."""
    # 0.07 of 100 is a hair more than 7 in floating point.
    return list(records[: math.ceil(fraction * len(records) - 1e-9)])
