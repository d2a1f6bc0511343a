"""Measure how well scores find the images whose decision depends on the latent."""

from pathlib import Path

import numpy as np

from zollstock.calibration.roc import roc_tables, scored, truths
from zollstock.calibration.seen import Seen
from zollstock.calibration.tables import write_table


def calibrate_roc(
    *, predictions: Path, areas: Path, curves: Path, dense: int, threshold: float, seed: int
) -> None:
    """Write ROC curves and the areas under them.

    Parameters
    ----------
    predictions
        What the models said, see `zollstock.calibration.seen.Seen`.
    areas, curves
        The tables that are written.
    dense
        How many times finer the exact paths are than those that are scored.
    threshold
        Range of the probability from which on an image counts as depending.
    seed
        Names the bootstrap.
    """
    seen = Seen.read(predictions)
    truth = truths(seen.exact.reshape(-1, seen.exact.shape[2]), seen.flips.ravel(), threshold)
    paths = {"exact": seen.exact[:, :, ::dense]}
    if not np.isnan(seen.edited).all():
        paths = {"edited": seen.edited} | paths
    found, lines = roc_tables(scored(seen.models, seen.images, paths), truth, seed)
    write_table(found, areas)
    write_table(lines, curves)
