"""Train a model further so that properties matter no longer, and keep it as a model."""

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zollstock.errors import ZollstockError
from zollstock.files import read_json
from zollstock.inference.outputs import returning_logits
from zollstock.jobs.agreeing import agreements
from zollstock.jobs.held_out import Validation, beside_of
from zollstock.jobs.repairing import FRAMES, groups_of, material_of, paths_of, pictures_of
from zollstock.jobs.training import device_to_train_on
from zollstock.models.card import Model, load_model, save_model
from zollstock.models.data.base import Pictures
from zollstock.models.unfinished import kept_state
from zollstock.models.weights import State
from zollstock.progress import Progress
from zollstock.repair.choosing import best_worst_group, by_placebo_test, of_epochs
from zollstock.repair.material import Material
from zollstock.repair.methods import Repaired, repaired
from zollstock.repair.sources import wanted_maps
from zollstock.repair.tables import TABLES
from zollstock.seeds import seed_for

_STEPS = 12


def repair_model(
    *,
    name: str,
    weights: Path,
    card: Path,
    images: Path,
    pixels: Path,
    cfg: Mapping[str, Any],
    seed: int,
    files: Mapping[str, Path],
    kept: Path,
    threads: int,
    code: Sequence[Path] = (),
) -> None:
    """Write a repaired model, its card, and the table of what was tried.

    Parameters
    ----------
    name
        Of the repaired model.
    weights, card
        The model it was.
    images, pixels
        The study's images, which nothing is trained on.
    cfg
        See `zollstock.plan.repairing.Repairing.job`.
    seed
        Of the study.
    files
        What is written: ``weights``, ``card``, ``table`` and ``agreement``.
    kept
        Folder of trainings that are not finished, and of each epoch's weights; removed at the end.
    threads
        Of torch.
    code
        The files that run: an unfinished training of other ones is begun again.
    """
    device = str(device_to_train_on(cfg["training"]["device"], threads))
    facts = cfg["facts"]
    model, own = load_model(weights, card), seed_for(seed, "repair", facts["seed"])
    if model.outputs != "logits":
        raise ZollstockError(
            f"repair.models: {facts['base']}",
            f"returns {model.outputs}",
            "a model that returns logits, of classes of which one is true",
            "Leave it out.",
        )
    returning_logits(model.module, len(model.classes))
    sets = pictures_of(cfg, model, own, images, pixels)
    material, watch, other = given(model, cfg, own, sets, device)
    told = {"name": name, "training": {**cfg["training"], "device": device}, "seed": own}
    tried = _tried(model, material, watch, cfg["candidates"], kept, told, code)
    unit = plain_step(model, material, told) if device == "cpu" else float("nan")
    rows = _rows(tried, cfg["candidates"], watch, model, unit)
    chosen = _chosen(rows, cfg["tolerance"])
    found, settings = tried[chosen["number"]], cfg["candidates"][chosen["number"]]
    model.module.load_state_dict(_state(found, chosen["epoch"]))
    before = returning_logits(load_model(weights, card).module, len(model.classes))
    agreed = agreements(before, model, material, other, {**cfg, "settings": settings}, own)
    for file, table, told_of in (("table", "candidates", rows), ("agreement", "agreement", agreed)):
        pd.DataFrame(
            [{**facts, "model": name, **row} for row in told_of], columns=list(TABLES[table])
        ).to_csv(files[file], index=False, float_format="%.6g")
    entries = read_json(card)
    kind = {key: entries.pop(key) for key in ("family", "arguments", "classes", "preprocessing")}
    for key in ("sha256", "parameters", "history", "checkpoints"):
        entries.pop(key, None)
    save_model(
        model.module,
        kind,
        files["weights"],
        files["card"],
        **entries,
        history=found.history,
        repaired={
            **facts,
            "against": list(cfg["against"]),
            "settings": settings,
            "epoch": chosen["epoch"],
        },
    )
    shutil.rmtree(kept, ignore_errors=True)


def given(
    model: Model,
    cfg: Mapping[str, Any],
    seed: int,
    sets: tuple[Pictures, Pictures],
    device: str,
) -> tuple[Material, Validation, Material]:
    """Return what is trained with, what is measured on the way, and the pictures that choose.

    Of the last no frames are kept here; `sets` are those of `zollstock.jobs.repairing.pictures_of`.
    """
    pictures, other = sets
    needs, against, looks = set(cfg["needs"]), cfg["against"], cfg["wanted"]
    paths = {}
    if "paths" in needs or (looks and looks["source"] == FRAMES):
        some = pictures.at(range(cfg["paths"]))
        paths = paths_of(some, model, against, cfg["frames"], seed)
    groups = groups_of(pictures, cfg["latents"], cfg["world"])
    material = material_of(pictures, model, paths, groups, looks)
    apart = seed_for(seed, "validation")
    beside = beside_of(
        other, model, against, cfg["placebos"], cfg["frames"], apart, most=cfg["compared"]
    )
    held_out = Material(
        *other.fitted(model.classes, model.geometry),
        groups_of(other, cfg["latents"], cfg["world"]),
        wanted=wanted_maps(other, model, looks) if looks and looks["source"] != FRAMES else None,
    )
    return material, Validation(model, beside, held_out, cfg["statistic"], device), held_out


def _tried(
    model: Model,
    material: Material,
    watch: Validation,
    candidates: Sequence[Mapping[str, Any]],
    kept: Path,
    told: Mapping[str, Any],
    code: Sequence[Path],
) -> list[Repaired]:
    """Return what comes of each candidate; one that was not finished goes on."""
    found = []
    training = told["training"]
    batches = len(material.images) // min(training["batch_size"], len(material.images))
    for number, settings in enumerate(candidates):
        with Progress(f"repairing {told['name']}", training["epochs"] * batches, "steps") as count:
            found.append(
                repaired(
                    model.module,
                    material,
                    settings,
                    training=training,
                    seed=told["seed"],
                    normalisation=model.normalisation,
                    folder=kept / str(number),
                    watch=watch,
                    code=code,
                    progress=partial(_counted, count),
                )
            )
    return found


def plain_step(model: Model, material: Material, told: Mapping[str, Any]) -> float:
    """Return seconds of the processor that a step of cross-entropy alone takes, of a few.

    They are measured in the same job: processors differ, and what else they do at a time.
    """
    count = _STEPS * told["training"]["batch_size"]
    few = Material(material.images[:count], material.labels[:count])
    training = {**told["training"], "epochs": 5}  # in the first one memory is fetched
    found = repaired(
        model.module,
        few,
        {"name": "erm"},
        training=training,
        seed=told["seed"],
        normalisation=model.normalisation,
    )
    return float(np.median(found.seconds[1:]))


def _rows(
    tried: Sequence[Repaired],
    candidates: Sequence[Mapping[str, Any]],
    watch: Validation,
    model: Model,
    unit: float,
) -> list[dict[str, Any]]:
    """Return a row an epoch of each candidate, or one of what is not trained."""
    rows: list[dict[str, Any]] = []
    for number, (found, settings) in enumerate(zip(tried, candidates, strict=True)):
        cost = float(np.median(found.seconds)) / unit if found.seconds else float("nan")
        words = " ".join(f"{key}={value}" for key, value in settings.items() if key != "name")
        told, first = found.history, 1
        if not found.epochs:
            model.module.load_state_dict(found.state)
            told, first = {key: [value] for key, value in watch(model.module).items()}, 0
        names = [key.removeprefix("valid_") for key in told if key.startswith("valid_")]
        for epoch, one in of_epochs(told, names).items():
            at = epoch + first
            rows.append({"number": number, "settings": words, "epoch": at, "cost": cost, **one})
    return rows


def _chosen(rows: list[dict[str, Any]], tolerance: float) -> dict[str, Any]:
    """Mark what is chosen, and what would be by the worst group; return the former."""
    by_place = dict(enumerate(rows))
    place = by_placebo_test(by_place, tolerance)
    other = best_worst_group(by_place) if "worst_group" in rows[0] else None
    for number, row in by_place.items():
        row["chosen"], row["by_worst_group"] = number == place, number == other
    return rows[place]


def _state(found: Repaired, epoch: int) -> State:
    """Return the weights of an epoch, counted from 1; 0 is what is not trained."""
    if not epoch:
        return found.state
    one = found.epochs[epoch - 1]
    return kept_state(one) if isinstance(one, Path) else one


def _counted(count: Progress, done: int, total: int, info: Mapping[str, float]) -> None:
    count(done - count.done)
