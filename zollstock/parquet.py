"""Tables between the stages, each page of them with a checksum."""

from pathlib import Path

import pandas as pd

from zollstock.errors import ZollstockError

REMEDY = (
    "Run again with --forcerun score gather_scores compare_placebos (of grids: score_grids). Of an "
    "archive, unpack it again."
)
"""How scores are made again."""


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


def harmed_table(file: Path, error: Exception) -> ZollstockError:
    """Return what to tell of a table that cannot be read."""
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return ZollstockError(
        file,
        f"cannot be read ({reason})",
        "the table that was written",
        REMEDY,
    )
