"""Join the scores of all models."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from zollstock.parquet import harmed_table, read_of_model, write_parquet
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
    scores = flagged(pd.concat([read_of_model(file, file.stem) for file in tables]), ledgers)
    write_parquet(scores, table)
    scores.to_csv(csv, index=False, float_format="%.6g")
    if all_classes and classes_csv:
        headline = headline_of_classes(_copied(classes, all_classes))
        headline.to_csv(classes_csv, index=False, float_format="%.6g")


def flagged(scores: pd.DataFrame, ledgers: Mapping[str, Path]) -> pd.DataFrame:
    """Return scores with the flags of the edit ledger, property → its verdicts."""
    verdicts = {
        name: pd.read_csv(file, dtype={"image": str, "flags": str}, keep_default_na=False)
        for name, file in ledgers.items()
    }
    return with_flags(scores, verdicts)


def _copied(files: Sequence[Path], target: Path) -> Iterator[pd.DataFrame]:
    """Write the rows of several files to one, a group of rows at a time, and yield them."""
    with ExitStack() as opened:
        joined: Any = None
        for name in files:
            for rows in _groups(name):
                if joined is None:
                    how = {"compression": "zstd", "write_page_checksum": True}
                    joined = opened.enter_context(pq.ParquetWriter(target, rows.schema, **how))
                joined.write_table(rows)
                yield rows.to_pandas()


def _groups(name: Path) -> Iterator[pa.Table]:
    """Yield the groups of rows of a file."""
    try:
        with pq.ParquetFile(name, page_checksum_verification=True) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group)
    except (pa.ArrowException, OSError) as error:
        raise harmed_table(name, error) from None
