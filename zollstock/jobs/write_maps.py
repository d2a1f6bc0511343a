"""Write maps of what a model looks at in training pictures, for people to paint on."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from zollstock.devices import hold_device
from zollstock.images.table import save_png
from zollstock.inference.outputs import returning_logits
from zollstock.jobs.repairing import pictures_of
from zollstock.models.card import load_model
from zollstock.repair.material import Material
from zollstock.repair.methods import maps_of
from zollstock.repair.wanted import write_map
from zollstock.seeds import seed_for

MAPS, PICTURES = "maps", "pictures"


def write_maps(
    *,
    weights: Path,
    card: Path,
    images: Path,
    pixels: Path,
    cfg: Mapping[str, Any],
    seed: int,
    folder: Path,
    table: Path,
    threads: int,
) -> None:
    """Write a grey map and the picture as the model sees it, and a table of them.

    They are of the first pictures that a repair with these settings is trained on. Copy the folder
    ``maps``, paint in the copy, and name it as `wanted: {painted: …}`.

    Parameters
    ----------
    weights, card
        The model before its repair.
    images, pixels
        The study's images, which nothing is trained on.
    cfg
        See `zollstock.plan.repairing.Repairing.job_of_maps`.
    seed
        Of the study.
    folder
        Where ``maps`` and ``pictures`` are made anew.
    table
        A CSV of each one's name, label and file.
    threads
        Of torch.
    """
    torch.set_num_threads(threads)
    device = str(hold_device(cfg["training"]["device"]))
    model, own = load_model(weights, card), seed_for(seed, "repair", cfg["facts"]["seed"])
    pictures, _ = pictures_of(cfg, model, own, images, pixels)
    some = pictures.at(range(min(cfg["to_paint"], len(pictures.labels))))
    frames, labels = some.fitted(model.classes, model.geometry)
    maps = maps_of(
        returning_logits(model.module, len(model.classes)),
        Material(frames, labels),
        cfg["candidates"][0],
        frames,
        labels,
        device=device,
        seed=own,
        normalisation=model.normalisation,
    )
    shutil.rmtree(folder, ignore_errors=True)
    rows = []
    for name, label, frame, found in zip(some.names, some.labels, frames, maps, strict=True):
        file = folder / MAPS / f"{name}.png"
        write_map(found, file)
        save_png(np.ascontiguousarray(frame), folder / PICTURES / f"{name}.png")
        rows.append({"name": name, "label": label, "map": str(file.relative_to(folder.parent))})
    pd.DataFrame(rows).to_csv(table, index=False)
