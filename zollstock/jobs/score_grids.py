"""Score all models on all grids of two properties."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from zollstock.images.labels import read_labels
from zollstock.inference.predictions import predicted_classes
from zollstock.manifests import read_manifest
from zollstock.parquet import write_parquet
from zollstock.scoring.follow import follow_stored
from zollstock.scoring.grids import grid_table
from zollstock.scoring.outputs import Spelled, parse_output


def score_grids(
    *,
    manifests: Mapping[str, Path],
    predictions: Mapping[tuple[str, str], Path],
    properties: Mapping[str, Sequence[str]],
    output: Spelled,
    images: Path,
    table: Path,
    csv: Path,
) -> None:
    """Write the table of grids.

    Parameters
    ----------
    manifests
        Grid → manifest of its paths.
    predictions
        (grid, model) → the model's predictions.
    properties
        Grid → its two properties.
    output
        What is followed; see `zollstock.scoring.outputs.Output`.
    images
        The table of images, for their labels.
    table, csv
        The table that is written, as Parquet and as CSV.
    """
    parts = []
    followed, labels = parse_output(output), read_labels(images)
    for (grid, model), folder in predictions.items():
        part = grid_table(
            follow_stored(folder, followed, labels=labels),
            read_manifest(manifests[grid])["facts"],
            properties[grid],
            predicted_classes(folder),
            followed,
        )
        part.insert(0, "property", grid)
        part.insert(1, "model", model)
        parts.append(part)
    found = pd.concat(parts, ignore_index=True)
    write_parquet(found, table)
    found.to_csv(csv, index=False, float_format="%.6g")
