"""Score one model along every property."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from zollstock.images.labels import read_labels
from zollstock.inference.predictions import iterate_predictions, pictures_beside
from zollstock.parquet import write_parquet
from zollstock.scoring.follow import chosen_of_pictures
from zollstock.scoring.outputs import Spelled, parse_output
from zollstock.scoring.table import check_period, effects_of_classes, score_predictions
from zollstock.scoring.vector import table_of_classes


def score(
    *,
    predictions: Mapping[str, Path],
    images: Path,
    table: Path,
    classes: Path | None,
    model: str,
    statistics: Sequence[str],
    output: Spelled,
    permutations: int,
    seed: int,
    periods: Mapping[str, float] = MappingProxyType({}),
) -> None:
    """Write the score table of one model.

    Parameters
    ----------
    predictions
        Property → the model's predictions.
    images
        The table of images, for their labels.
    table
        The score table that is written; see `zollstock.scoring.table.score_predictions`.
    classes
        The table of effects on each class that is written, a block of predictions at a time;
        see `zollstock.scoring.vector.table_of_classes`. None unless `output` is ``vector``.
    model
        Its name.
    statistics, output, permutations, seed
        See `zollstock.scoring.table.score_predictions`.
    periods
        Property whose axis closes on itself → its period.
    """
    labels = read_labels(images)
    followed = parse_output(output)
    every = followed.kind == "vector"
    tables = []
    with _ClassTable(classes if every else None) as of_classes:
        for name, folder in predictions.items():
            closed = name in periods
            owners = chosen_of_pictures(pictures_beside(folder), followed, labels)
            for part in iterate_predictions(folder):
                if closed:
                    check_period(part, periods[name], f"properties.{name}")
                effects = effects_of_classes(part, closed=closed) if every else None
                scores = score_predictions(
                    part,
                    labels=labels,
                    statistics=statistics,
                    output=followed,
                    permutations=permutations,
                    seed=seed,
                    owners=owners,
                    effects=effects,
                    closed=closed,
                )
                tables.append(named(scores, name, model))
                if effects is not None:
                    paths = list(zip(part.images, part.draws, strict=True))
                    rows = table_of_classes(paths, part.classes, effects)
                    of_classes.write(named(rows, name, model))
    write_parquet(pd.concat(tables), table)


def named(table: pd.DataFrame, prop: str, model: str) -> pd.DataFrame:
    """Return a table with the columns property and model in front."""
    table = table.copy()
    table.insert(0, "property", prop)
    table.insert(1, "model", model)
    return table


class _ClassTable:
    """A Parquet file that is written a table at a time; of None nothing is written."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.file: Any = None

    def __enter__(self) -> "_ClassTable":
        return self

    def write(self, table: pd.DataFrame) -> None:
        if self.path is None:
            return
        rows = pa.Table.from_pandas(table, preserve_index=False)
        if self.file is None:
            self.file = pq.ParquetWriter(
                self.path, rows.schema, compression="zstd", write_page_checksum=True
            )
        self.file.write_table(rows)

    def __exit__(self, *error: object) -> None:
        if self.file is not None:
            self.file.close()
