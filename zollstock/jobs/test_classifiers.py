"""Measure the accuracy of trained models on one test split per distribution."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.inference.run import Runner
from zollstock.models.card import load_model
from zollstock.worlds import get_world
from zollstock.worlds.datasets import draw_dataset


def test_classifiers(
    *,
    models: Mapping[str, tuple[Path, Path]],
    world: Mapping[str, Any],
    test_images: int,
    seed: int,
    device: str,
    table: Path,
) -> None:
    """Write a table with the columns model, split, accuracy and n.

    Parameters
    ----------
    models
        Name → weights and card.
    world
        As `zollstock.worlds.datasets.draw_dataset` takes it; each of its distributions is a split.
    test_images
        Per split; no model was trained on one of them.
    seed
        Of the study.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    table
        The CSV that is written.
    """
    runners = {
        name: Runner(load_model(*files), device=device, batch_size=64, shared=True)
        for name, files in models.items()
    }
    rows = []
    for split in get_world(world["name"]).distributions:
        images, labels = draw_dataset(world, split, test_images, (seed, "test"))
        for name, runner in runners.items():
            logits = runner.logits(runner.model.geometry.apply(images))
            accuracy = (logits.argmax(axis=1) == labels).mean()
            rows.append({"model": name, "split": split, "accuracy": accuracy, "n": len(labels)})
    pd.DataFrame(rows).to_csv(table, index=False)
