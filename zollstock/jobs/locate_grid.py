"""Judge a grid of perturbation methods: one model on a share of the images."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from zollstock.devices import choose_device, hold_device
from zollstock.images.table import ImageRecord, read_table
from zollstock.inference.kept import model_fingerprint
from zollstock.jobs.locate_maps import chosen_images
from zollstock.locate.combinations import Combinations, judge_combinations
from zollstock.locate.differentiable import Differentiable, GradientModel
from zollstock.locate.rows import KeptRows
from zollstock.locate.standing import table_of_combinations
from zollstock.locate.study import Located
from zollstock.manifests import read_manifest, store_of
from zollstock.models.card import load_model
from zollstock.parquet import write_parquet
from zollstock.progress import Progress
from zollstock.scoring.follow import chosen_of_pictures
from zollstock.scoring.outputs import Spelled


def locate_grid(
    *,
    model: str,
    manifests: Mapping[str, Path],
    images: Path,
    pixels: Path,
    pictures: Path,
    weights: Path,
    card: Path,
    code: Sequence[Path],
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
    manifests
        Property → manifest of its paths.
    images, pixels
        Table of the images, and the folder with their PNGs.
    pictures
        Zarr group of what the model says of these; the class that is followed is read off it.
    weights, card
        The model.
    code
        The files that run; with others all rows are made again.
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
    records = read_table(images, pixels)
    grid = cfg["grid"]
    chosen = first_of(chosen_images(records, cfg["images"]), grid["fraction"])
    chosen = chosen[share[0] :: share[1]]
    labels = {record.id: record.label for record in records}
    classes = chosen_of_pictures(pictures, output, labels)
    network = Differentiable(load_model(weights, card), device=hold_device(device, shared=shared))
    how = {"device": choose_device(device).type, "precision": "float32"}
    mark = f"{model_fingerprint(weights, card, code, how)} {output}"

    def follow(record: ImageRecord) -> GradientModel:
        return network.follow(output, classes[record.id])

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
    )
    with Progress(f"grid of methods, {model}", len(chosen), "images") as count:
        found = judge_combinations(
            combinations, study, chosen, follow, KeptRows(rows), mark, lambda: count(1)
        )
        judged = table_of_combinations(model, found)
    write_parquet(judged, table)


def first_of(records: Sequence[ImageRecord], fraction: float) -> list[ImageRecord]:
    """Return the first records, as many as a fraction of all, rounded up."""
    # 0.07 of 100 is a hair more than 7 in floating point.
    return list(records[: math.ceil(fraction * len(records) - 1e-9)])
