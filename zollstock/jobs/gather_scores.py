"""Join the scores of all models."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from zollstock.scoring.table import with_flags
from zollstock.scoring.vector import headline_of_classes


def gather_scores(
    *,
    tables: Sequence[Path],
    ledgers: Mapping[str, Path],
    table: Path,
    csv: Path,
    classes: Sequence[Path] = (),
    all_classes: Path | None = None,
    classes_csv: Path | None = None,
) -> None:
    """Write the score table of the study, with the flags of the edit ledger.

    Parameters
    ----------
    tables
        Of each model.
    ledgers
        Property → verdicts on its edits.
    table, csv
        The table that is written, as Parquet and as CSV.
    classes
        Tables of the effects on each class, of each model; none unless all are followed.
    all_classes, classes_csv
        Their rows in one Parquet file, and the means over all paths as CSV.
    """
    scores = pd.concat([pd.read_parquet(name) for name in tables])
    verdicts = {
        name: pd.read_csv(file, dtype={"image": str, "flags": str}, keep_default_na=False)
        for name, file in ledgers.items()
    }
    scores = with_flags(scores, verdicts)
    scores.to_parquet(table, index=False)
    scores.to_csv(csv, index=False, float_format="%.6g")
    if all_classes and classes_csv:
        headline = headline_of_classes(_copied(classes, all_classes))
        headline.to_csv(classes_csv, index=False, float_format="%.6g")


def _copied(files: Sequence[Path], target: Path) -> Iterator[pd.DataFrame]:
    """Write the rows of several files to one, a group of rows at a time, and yield them."""
    with pq.ParquetWriter(target, pq.read_schema(files[0]), compression="zstd") as joined:
        for name in files:
            with pq.ParquetFile(name) as file:
                for group in range(file.num_row_groups):
                    rows: pa.Table = file.read_row_group(group)
                    joined.write_table(rows)
                    yield rows.to_pandas()
