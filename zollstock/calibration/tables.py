"""Tables of the calibration, read as they were written."""

from pathlib import Path

import pandas as pd


def read_table(file: Path) -> pd.DataFrame:
    """Return a table of results; "NA", which may be a model's name, stays text."""
    return pd.read_csv(file, keep_default_na=False, na_values=["", "nan"])


def read_edits(file: Path) -> pd.DataFrame:
    """Return what was read in edited frames; an image called "007" keeps its name."""
    return pd.read_csv(file, dtype={"image": str}, keep_default_na=False)


def write_table(table: pd.DataFrame, file: Path, digits: int = 6) -> None:
    """Write a table with so many significant digits."""
    table.to_csv(file, index=False, float_format=f"%.{digits}g")
