"""Join what was traced in all models."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from zollstock.parquet import read_of_model, write_parquet


def gather_traces(*, folders: Sequence[Path], files: Mapping[str, Path]) -> None:
    """Write each table of all models as one.

    Parameters
    ----------
    folders
        Of the models, with a Parquet file a table.
    files
        Name of a table → what is written, CSV or Parquet.
    """
    for name, file in files.items():
        tables = [read_of_model(folder / f"{name}.parquet", folder.name) for folder in folders]
        # An empty table would make numbers objects.
        filled = [table for table in tables if len(table)] or tables[:1]
        joined = pd.concat(filled, ignore_index=True)
        if file.suffix == ".csv":
            joined.to_csv(file, index=False, float_format="%.6g")
        else:
            write_parquet(joined, file)
