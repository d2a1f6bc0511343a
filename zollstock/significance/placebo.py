"""The placebo test: a path's effect against that of edits which should do nothing.

The steps of a path are not exchangeable, so shuffling them tests smoothness. What can be made
exchangeable is whole paths: if the property does not matter, its path differs from placebo
paths of the same size of edit no more than these differ among each other; see
`zollstock.significance.compared` for what is compared. The p-value is
that of a Monte-Carlo test: Besag & Clifford, Biometrika 76 (1989); the +1: Phipson & Smyth,
SAGMB 9 (2010).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError

ROUNDING = 1e-12  # of one probability, or of the value where that is larger
ROWS = 512  # series compared at a time, so that memory does not grow with N


def threshold(target: Array) -> Array:
    """Return from which value on a placebo counts as at least as large as `target`."""
    return target - ROUNDING * np.maximum(1.0, np.abs(target))


def as_target_and_placebos(
    target: npt.ArrayLike, placebos: npt.ArrayLike
) -> tuple[Array, npt.NDArray[Any]]:
    """Return target (N,) and placebos (N, K), infinite targets as NaN, after checking shapes.

    Raises
    ------
    ZollstockError
        If the two do not belong together.
    """
    values = np.asarray(target, dtype=np.float64)
    draws = np.asarray(placebos)
    if draws.dtype.kind not in "fiu":
        draws = draws.astype(np.float64)
    if values.ndim != 1 or draws.ndim != 2 or len(draws) != len(values):
        raise ZollstockError(
            "placebos",
            f"targets {values.shape} and placebos {draws.shape}",
            "targets (N,) and placebos (N, K)",
            "Pass one row of placebo effects for each target.",
        )
    return np.where(np.isfinite(values), values, np.nan), draws


def placebo_p(target: npt.ArrayLike, placebos: npt.ArrayLike) -> Array:
    """Return p = (1 + #{placebo ≥ target}) / (1 + #placebos) for each series, shape (N,).

    Valid (P(p ≤ u) ≤ u) if, without an effect of the property, the target's statistic and its
    placebos' are exchangeable. Differences within rounding count as ≥. With K placebos p is
    at least 1/(K + 1): below 19 placebos no result can be significant at .05.

    Parameters
    ----------
    target
        Statistic of the target paths, shape (N,).
    placebos
        Statistic of each one's placebos, shape (N, K), NaN for missing draws.

    Returns
    -------
    Array
        In (0, 1]; NaN where the target is NaN or has no placebo.

    Raises
    ------
    ZollstockError
        If the shapes do not fit.
    """
    values, draws = as_target_and_placebos(target, placebos)
    limits = threshold(values)
    result = np.full(len(values), np.nan)
    for first in range(0, len(values), ROWS):
        part = slice(first, first + ROWS)
        made = np.isfinite(draws[part])
        exceed = (made & (draws[part] >= limits[part, None])).sum(axis=1)
        number = made.sum(axis=1)
        known = np.isfinite(values[part]) & (number > 0)
        result[part] = np.where(known, (1 + exceed) / (1 + number), np.nan)
    return result


def resolution(k: npt.ArrayLike) -> Array | float:
    """Return 1/(k + 1), the smallest p that k placebos can give."""
    smallest: Array | float = 1.0 / (np.asarray(k) + 1.0)
    return smallest
