"""Measure the accuracy of trained models on each split of what they were trained on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.jobs.testing import said_of_splits


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
    models, data, seed, device
        See `zollstock.jobs.testing.said_of_splits`.
    table
        The CSV that is written.
    """
    rows = []
    for said in said_of_splits(models, data, seed, device):
        for name, labels in said.labels.items():
            accuracy = (said.logits[name].argmax(axis=1) == labels).mean()
            rows.append(
                {"model": name, "split": said.split, "accuracy": accuracy, "n": len(labels)}
            )
    pd.DataFrame(rows).to_csv(table, index=False)
