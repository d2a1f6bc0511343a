"""Measure the accuracy of trained models on each split of what they were trained on."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.inference.run import Runner
from zollstock.models.card import load_model
from zollstock.models.data.base import source_of


def test_classifiers(
    *,
    models: Mapping[str, tuple[Path, Path]],
    data: Mapping[str, Mapping[str, Any]],
    seed: int,
    device: str,
    table: Path,
) -> None:
    """Write a table with the columns model, split, accuracy and n.

    Parameters
    ----------
    models
        Name → weights and card.
    data
        Name → ``source``, and what else that module in `zollstock.models.data` reads.
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
    # Models that are tested with the same pictures share them.
    groups: dict[str, list[str]] = {}
    for name in models:
        groups.setdefault(json.dumps(data[name], sort_keys=True), []).append(name)
    rows = []
    for told, names in groups.items():
        found = json.loads(told)
        for split, pictures in source_of(found).test_sets(found, seed):
            for name in names:
                model = runners[name].model
                images, labels = pictures.fitted(model.classes, model.geometry)
                accuracy = (runners[name].logits(images).argmax(axis=1) == labels).mean()
                rows.append({"model": name, "split": split, "accuracy": accuracy, "n": len(labels)})
    pd.DataFrame(rows).to_csv(table, index=False)
