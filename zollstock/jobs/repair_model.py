"""Train a model further so that properties matter no longer, and keep it as a model."""

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import safetensors.torch
import torch

from zollstock.devices import hold_device
from zollstock.errors import ZollstockError
from zollstock.files import read_json
from zollstock.images.table import read_table
from zollstock.inference.batching import keep_freed_memory
from zollstock.jobs.held_out import Validation, beside_of
from zollstock.jobs.repairing import groups_of, material_of, other_pictures, paths_of
from zollstock.models.card import Model, load_model, save_model
from zollstock.models.weights import State
from zollstock.progress import Progress
from zollstock.repair.choosing import best_worst_group, by_placebo_test
from zollstock.repair.material import Material
from zollstock.repair.methods import Repaired, repaired
from zollstock.repair.tables import TABLES
from zollstock.seeds import seed_for


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
        What is written: ``weights``, ``card`` and ``table``.
    kept
        Folder of trainings that are not finished, and of each epoch's weights; removed at the end.
    threads
        Of torch.
    code
        The files that run: an unfinished training of other ones is begun again.
    """
    torch.set_num_threads(threads)
    device = str(hold_device(cfg["training"]["device"]))
    if device == "cpu":
        keep_freed_memory()
    facts = cfg["facts"]
    model, own = load_model(weights, card), seed_for(seed, "repair", facts["seed"])
    if model.outputs != "logits":
        raise ZollstockError(
            f"repair.models: {facts['base']}",
            f"returns {model.outputs}",
            "a model that returns logits, of classes of which one is true",
            "Leave it out.",
        )
    known = {record.sha256 for record in read_table(images, pixels)}
    material, watch = _given(model, cfg, own, known, device)
    told = {"name": name, "training": {**cfg["training"], "device": device}, "seed": own}
    tried = _tried(model, material, watch, cfg["candidates"], kept, told, code)
    rows = _rows(tried, cfg["candidates"], watch, model)
    chosen = _chosen(rows, cfg["tolerance"])
    pd.DataFrame(
        [{**facts, "model": name, **row} for row in rows], columns=list(TABLES["candidates"])
    ).to_csv(files["table"], index=False, float_format="%.6g")
    found = tried[chosen["number"]]
    model.module.load_state_dict(_state(found, chosen["epoch"]))
    entries = read_json(card)
    settings = {
        key: entries.pop(key) for key in ("family", "arguments", "classes", "preprocessing")
    }
    for key in ("sha256", "parameters", "history"):
        entries.pop(key, None)
    save_model(
        model.module,
        settings,
        files["weights"],
        files["card"],
        **entries,
        history=found.history,
        repaired={
            **facts,
            "against": list(cfg["against"]),
            "settings": cfg["candidates"][chosen["number"]],
            "epoch": chosen["epoch"],
        },
    )
    shutil.rmtree(kept, ignore_errors=True)


def _given(
    model: Model, cfg: Mapping[str, Any], seed: int, known: set[str], device: str
) -> tuple[Material, Validation]:
    """Return what is trained with, and what is measured on the way."""
    counts = (cfg["images"], cfg["validation"])
    pictures, other = other_pictures(cfg["data"], model.classes, seed, counts, known)
    needs, against = set(cfg["needs"]), cfg["against"]
    paths = {}
    if needs & {"paths", "wanted"}:
        some = pictures.at(range(cfg["paths"]))
        paths = paths_of(some, model, against, cfg["frames"], seed)
    groups = groups_of(pictures, cfg["latents"], cfg["world"])
    material = material_of(pictures, model, paths, groups, with_wanted="wanted" in needs)
    apart = seed_for(seed, "validation")
    watch = Validation(
        model,
        beside_of(
            other, model, against, cfg["placebos"], cfg["frames"], apart, most=cfg["compared"]
        ),
        other,
        groups_of(other, cfg["latents"], cfg["world"]),
        cfg["statistic"],
        device,
    )
    return material, watch


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


def _rows(
    tried: Sequence[Repaired],
    candidates: Sequence[Mapping[str, Any]],
    watch: Validation,
    model: Model,
) -> list[dict[str, Any]]:
    """Return a row an epoch of each candidate, or one of what is not trained."""
    rows: list[dict[str, Any]] = []
    for number, (found, settings) in enumerate(zip(tried, candidates, strict=True)):
        words = " ".join(f"{key}={value}" for key, value in settings.items() if key != "name")
        if found.epochs:
            keys = [key for key in found.history if key.startswith("valid_")]
            told = [
                {key: found.history[key][epoch] for key in keys}
                for epoch in range(len(found.epochs))
            ]
        else:
            model.module.load_state_dict(found.state)
            told = [watch(model.module)]
        for epoch, one in enumerate(told):
            named = {key.removeprefix("valid_"): value for key, value in one.items()}
            at = epoch + 1 if found.epochs else 0
            rows.append({"number": number, "settings": words, "epoch": at} | named)
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
    return safetensors.torch.load_file(one) if isinstance(one, Path) else one


def _counted(count: Progress, done: int, total: int, info: Mapping[str, float]) -> None:
    count(done - count.done)
