"""Take the maps of one model on a share of the images, and judge them."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from zollstock.jobs.locating import FollowedModel, Sources, chosen_images
from zollstock.locate.kept import KeptMaps
from zollstock.locate.ranking import table_of
from zollstock.locate.study import Located, locate_in
from zollstock.locate.taking import Method
from zollstock.manifests import read_manifest, store_of
from zollstock.parquet import write_parquet
from zollstock.progress import Progress
from zollstock.scoring.outputs import Spelled


def locate_maps(
    *,
    model: str,
    sources: Sources,
    manifests: Mapping[str, Path],
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
    sources
        Images and model.
    manifests
        Property or set of placebos → manifest of its paths.
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
        ``images``, ``methods``, ``left_out``, ``properties``, ``evaluate``, ``stability``,
        ``placebos`` and ``frames``; see `zollstock.plan.locating.Locating.job`.
    device, shared, threads
        How the model is run.
    """
    torch.set_num_threads(threads)
    followed = FollowedModel(sources, output, device=device, shared=shared)
    chosen = chosen_images(followed.records, cfg["images"])[share[0] :: share[1]]
    study = Located(
        methods=[Method(**method) for method in cfg["methods"]],
        properties={
            name: {
                **prop,
                "manifest": read_manifest(manifests[name]),
                "store": store_of(manifests[name]),
                "placebos": _placebos(manifests, prop),
            }
            for name, prop in cfg["properties"].items()
        },
        placebos=cfg["placebos"],
        frames=cfg["frames"],
        world=world,
        seed=seed,
        evaluate=cfg["evaluate"],
        stability=cfg["stability"],
        images=followed.records,
    )
    if left_out := cfg["left_out"]:
        # torch cannot differentiate it.
        print(
            f"note: {model}: gives no gradients, so these methods leave it out: "
            f"{', '.join(left_out)}",
            file=sys.stderr,
        )
    total = len(chosen) * len(study.methods)
    with Progress(f"locating, {model}", total, "methods on images") as count:
        rows = locate_in(study, chosen, followed.follow, KeptMaps(maps), followed.mark, count)
        found = table_of([{"model": model, **row} for row in rows])
    for method, rows in found[found["measure"] == "undefined"].groupby("method", sort=False):
        print(
            f"note: {model}: maps of {method} on {rows['image'].nunique()} of {len(chosen)} images "
            f"have no value on up to {rows['value'].max():.1%} of their pixels, so that it is not "
            "known what lies where (more samples may help)",
            file=sys.stderr,
        )
    write_parquet(found, table)


def _placebos(manifests: Mapping[str, Path], prop: Mapping[str, Any]) -> tuple[Any, Path] | None:
    name = prop["placebos"]
    if name is None:
        return None
    return read_manifest(manifests[name]), store_of(manifests[name])
