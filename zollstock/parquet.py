"""Tables between the stages, each page of them with a checksum."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from zollstock.errors import ZollstockError

_RULES = {
    "scores": "score gather_scores compare_placebos (of grids: score_grids)",
    "locate": "locate_maps rank_methods (of a grid of methods: locate_grid rank_grid)",
    "trace": "trace_model gather_traces",
    "repair": "score_repairs compare_circuits",
    "dynamics": "score_dynamics",
}
"""Folder of a study → the rules that make the tables in it."""


def remedy(file: Path) -> str:
    """Return how a table of a study is made again."""
    stage = next((part for part in reversed(file.parts[:-1]) if part in _RULES), "scores")
    return f"Run again with --forcerun {_RULES[stage]}. Of an archive, unpack it again."


def write_parquet(table: pd.DataFrame, file: Path) -> None:
    """Write a table without its index."""
    table.to_parquet(file, index=False, write_page_checksum=True)


def read_parquet(file: Path) -> pd.DataFrame:
    """Read what `write_parquet` wrote.

    Raises
    ------
    ZollstockError
        If the file is missing, cut off or harmed.
    """
    try:
        return pd.read_parquet(file, page_checksum_verification=True)
    except Exception as error:  # each decoder complains in its own way
        raise harmed_table(file, error) from None


def read_of_model(file: Path, model: str) -> pd.DataFrame:
    """Read the table of one model; errors as of `read_parquet`, and where it is another's."""
    found = read_parquet(file)
    if "model" not in found:
        raise harmed_table(file, ValueError("it has no column 'model'"))
    others = set(found["model"]) - {model}
    if others:
        raise ZollstockError(
            file,
            f"is the table of the model {min(others)}",
            f"that of {model}",
            remedy(file),
        )
    return found


def read_shares(files: Sequence[Path]) -> pd.DataFrame:
    """Read the tables ``<model>.<share>.parquet`` of several models as one; see `read_of_model`."""
    parts = [read_of_model(file, file.stem.rpartition(".")[0]) for file in files]
    return pd.concat(parts, ignore_index=True)


def harmed_table(file: Path, error: Exception) -> ZollstockError:
    """Return what to tell of a table that cannot be read."""
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return ZollstockError(
        file,
        f"cannot be read ({reason})",
        "the table that was written",
        remedy(file),
    )
