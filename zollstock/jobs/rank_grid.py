"""Join what was found of a grid of methods, over all models."""

from collections.abc import Sequence
from pathlib import Path

from zollstock.locate.standing import stand_combinations
from zollstock.parquet import read_shares


def rank_grid(*, tables: Sequence[Path], seed: int, table: Path) -> None:
    """Write means and intervals of every combination as CSV.

    Parameters
    ----------
    tables
        Of the jobs that judge.
    seed
        Of the study.
    table
        What is written.
    """
    found = stand_combinations(read_shares(tables), seed, "grid of methods")
    found.to_csv(table, index=False, float_format="%.6g")
