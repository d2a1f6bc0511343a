"""Measure the accuracy of models before and after their repair, on the same pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.jobs.repairing import groups_of
from zollstock.jobs.testing import said_of_splits
from zollstock.repair.accuracy import of_split


def test_repairs(
    *,
    models: Mapping[str, tuple[Path, Path]],
    data: Mapping[str, Mapping[str, Any]],
    facts: Mapping[str, Mapping[str, Any]],
    latents: Sequence[str],
    world: str,
    seed: int,
    device: str,
    table: Path,
) -> None:
    """Write the table of accuracies; see `zollstock.repair.accuracy.of_split`.

    Parameters
    ----------
    models, data, seed, device
        See `zollstock.jobs.testing.said_of_splits`; of the study's models and of repaired ones.
    facts
        Repaired model → ``base``, ``method`` and ``seed``.
    latents, world
        What groups are told by; see `zollstock.jobs.repairing.groups_of`.
    table
        The CSV that is written.
    """
    tables = [
        of_split(
            said.split, said.logits, said.labels, groups_of(said.pictures, latents, world), facts
        )
        for said in said_of_splits(models, data, seed, device)
    ]
    pd.concat(tables, ignore_index=True).to_csv(table, index=False, float_format="%.6g")
