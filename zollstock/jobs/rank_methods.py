"""Join what was found of all models: rankings, the control, who foretells what."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from zollstock.inference.predictions import iterate_predictions
from zollstock.locate.ranking import (
    compare_flips,
    completeness,
    control_methods,
    likeness_of_methods,
)
from zollstock.locate.ranking import rank_methods as ranked
from zollstock.parquet import read_shares, write_parquet


def rank_methods(
    *,
    tables: Sequence[Path],
    predictions: Mapping[tuple[str, str], Path],
    models: Sequence[str],
    seed: int,
    files: Mapping[str, Path],
) -> None:
    """Write what was judged as one table, and the tables made of it.

    Parameters
    ----------
    tables
        Of the jobs that take maps.
    predictions
        (property, model) → Zarr group of predictions.
    models
        In the order of rows.
    seed
        Of the study.
    files
        What is written: ``judged`` (Parquet), ``ranking``, ``control``, ``flips``,
        ``completeness`` and ``likeness`` (CSV).
    """
    judged = read_shares(tables)
    images = set(judged["image"])
    paths = paths_of(predictions, images)
    write_parquet(judged, files["judged"])
    found = {
        "ranking": ranked(judged, seed, "ranking"),
        "control": control_methods(judged),
        "flips": compare_flips(judged, paths, models, seed, "flips"),
        "completeness": completeness(judged),
        "likeness": likeness_of_methods(judged, seed, "likeness"),
    }
    for name, table in found.items():
        table.to_csv(files[name], index=False, float_format="%.6g")


def paths_of(predictions: Mapping[tuple[str, str], Path], images: set[str]) -> pd.DataFrame:
    """Return whether decisions change along paths, and how much predictions move.

    The score is the paper's: the mean absolute change per step of the probability of the class
    that is predicted for the unedited picture, which is what may be foretold to lose.

    Returns
    -------
    DataFrame
        model, image, property, flips, score, half.
    """
    rows = []
    for (prop, model), root in predictions.items():
        for part in iterate_predictions(root):
            for place, image in enumerate(part.images):
                if part.draws[place] or image not in images:
                    continue
                used = np.flatnonzero(np.isfinite(part.axis[place]))
                if len(used) < 2:
                    continue
                values = part.probabilities[place][used].astype(np.float64)
                named = values.argmax(1)
                series = values[:, int(part.unedited_probabilities[place].argmax())]
                moves = np.abs(np.diff(series))
                rows.append(
                    {
                        "model": model,
                        "image": image,
                        "property": prop,
                        "flips": bool(named[0] != named[-1]),
                        "score": float(moves.mean()),
                        "half": float(moves[: max(1, len(moves) // 2)].mean()),
                    }
                )
    columns = ["model", "image", "property", "flips", "score", "half"]
    return pd.DataFrame(rows, columns=columns)
