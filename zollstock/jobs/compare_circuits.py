"""Compare which units carry properties before and after repairs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.parquet import read_of_model, write_parquet
from zollstock.repair.circuits import Traced, compare_units, moves_of, summarise_units


def compare_circuits(
    *,
    folders: Mapping[str, Path],
    facts: Mapping[str, Mapping[str, Any]],
    alpha: float,
    files: Mapping[str, Path],
) -> None:
    """Write a table of units, and one of repaired models and properties.

    Parameters
    ----------
    folders
        Model, repaired or not → what was traced in it, see `zollstock.jobs.trace_model`.
    facts
        Repaired model → ``base``, ``method`` and ``seed``, of those that were traced.
    alpha
        Of q.
    files
        What is written: ``circuits`` (CSV) and ``units`` (Parquet).
    """
    traced = {
        model: Traced(
            *(read_of_model(folder / f"{name}.parquet", model) for name in ("units", "cuts"))
        )
        for model, folder in folders.items()
    }
    parts, moves = [], {}
    for model, told in facts.items():
        before, after = traced[told["base"]], traced[model]
        parts.append(compare_units(before, after, {**told, "model": model}, alpha))
        moves[model] = moves_of(before.cuts), moves_of(after.cuts)
    # An empty table would make numbers objects.
    units = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    write_parquet(units, files["units"])
    found = summarise_units(units, moves)
    found.to_csv(files["circuits"], index=False, float_format="%.6g")
