"""Exact mean and variance of paper_grad and epgm when the order of the steps is random.

With d(a, b) = |p_a - p_b|, both statistics are a sum of w_e d(π(e)) over a fixed set of
edges e. For S · paper_grad these are the pairs of steps (i - 1, i + 1) with weight 1/2 and
the two end pairs with weight 1; for epgm the pairs of neighbours with weight 1. Under a
uniformly random π the moments of such a sum follow from sums over the distance matrix,
sorted by how many steps two edges share. Source: Mantel, "The detection of disease
clustering and a generalized regression approach", Cancer Research 27 (1967).
"""

from functools import lru_cache
from typing import Any

import numpy as np

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.scoring.series import Series, SeriesLike

EXACT = ("paper_grad", "epgm")  # the statistics whose moments are known in closed form
_ROUNDING = 1e-13  # a variance this small beside the squared mean is nothing but rounding


@lru_cache(maxsize=64)
def edge_weights(steps: int, statistic: str = "paper_grad") -> tuple[float, float, float, float]:
    """Return (W, W2, W1, W0) of the edge set of paper_grad or epgm for paths of S steps.

    W is the sum of the weights; W2, W1 and W0 are the sums of w_e w_f over ordered pairs of
    edges that share two, one and no steps, so W2 + W1 + W0 = W².
    """
    weight: dict[tuple[int, int], float] = {}
    if statistic == "epgm":
        edges = [(i, i + 1, 1.0) for i in range(steps - 1)]
    else:
        edges = [(0, 1, 1.0), (steps - 2, steps - 1, 1.0)]
        edges += [(i - 1, i + 1, 0.5) for i in range(1, steps - 1)]
    degree = np.zeros(steps)
    for a, b, w in edges:
        weight[a, b] = weight.get((a, b), 0.0) + w
        degree[[a, b]] += w
    total = sum(weight.values())
    same = sum(w * w for w in weight.values())
    adjacent = float((degree * degree).sum()) - 2 * same
    return total, same, adjacent, total * total - same - adjacent


def _of_sums(
    n: int, statistic: str, distance: Array, squares: Array, rows_squared: Array
) -> tuple[Array, Array]:
    """Return mean and variance from sums over the distances of n steps.

    Parameters
    ----------
    n, statistic
        Name the edges.
    distance
        Mean distance d̄ of two steps.
    squares
        Σ (d - d̄)² over ordered pairs.
    rows_squared
        Σ (row sum - (n - 1) d̄)² over steps. Distances less their mean: the squared mean drops
        out, and no digits cancel.
    """
    total, same, adjacent, apart = edge_weights(n, statistic)
    divisor = float(n if statistic == "paper_grad" else 1)
    spread = same * squares / (n * (n - 1))
    if n > 2:
        spread += adjacent * (rows_squared - squares) / (n * (n - 1.0) * (n - 2))
    if n > 3:
        spread += apart * (2 * squares - 4 * rows_squared) / (n * (n - 1.0) * (n - 2) * (n - 3))
    mean, variance = total * distance / divisor, spread / divisor**2
    return mean, np.where(variance <= _ROUNDING * mean**2, 0.0, variance)


def _moments(rows: Array, statistic: str) -> tuple[Array, Array]:
    """Return mean and variance for finite rows (n, S), in S log S by sorting."""
    n = rows.shape[1]
    x = np.sort(rows, axis=1)
    x -= x[:, n // 2, None].copy()  # moments depend on differences only
    whole = x.sum(axis=1, keepdims=True)
    # Row sums of the distance matrix, from the sorted values and their running sum.
    sums = x * (2 * np.arange(n) + 2 - n) - 2 * x.cumsum(axis=1) + whole
    distance = sums.sum(axis=1) / (n * (n - 1))
    squares = 2 * n * ((x - whole / n) ** 2).sum(axis=1) - n * (n - 1) * distance**2
    rows_squared = ((sums - (n - 1) * distance[:, None]) ** 2).sum(axis=1)
    return _of_sums(n, statistic, distance, squares, rows_squared)


def moments_of_distances(apart: Array, statistic: str) -> tuple[Array, Array]:
    """Return mean and variance over all orders from any distances of the steps.

    Parameters
    ----------
    apart
        Finite, symmetric, 0 on the diagonal, shape (n, S, S), S >= 2.
    statistic
        As in `null_moments`.

    Returns
    -------
    mean, variance
        Shape (n,).
    """
    n = apart.shape[1]
    sums = apart.sum(axis=2)
    distance = sums.sum(axis=1) / (n * (n - 1))
    centred = apart - distance[:, None, None]
    centred[:, np.arange(n), np.arange(n)] = 0
    squares = (centred**2).sum(axis=(1, 2))
    rows_squared = ((sums - (n - 1) * distance[:, None]) ** 2).sum(axis=1)
    return _of_sums(n, statistic, distance, squares, rows_squared)


def null_moments(p: SeriesLike, statistic: str = "paper_grad") -> tuple[Any, Any]:
    """Return the exact mean and variance of a statistic over all S! orders of p.

    Parameters
    ----------
    p
        Shape (S,) or (N, S), S >= 2.
    statistic
        ``paper_grad`` or ``epgm``. The mean of epgm is (S - 1) times the mean distance of
        two values of p.

    Returns
    -------
    mean, variance
        Shape () or (N,). Time O(S log S) a series. The variance is exactly 0 where every
        order scores the same (a constant series, S = 2); both are NaN for a series with
        NaN or infinity.

    Raises
    ------
    ZollstockError
        If p has the wrong shape or fewer than 2 steps, or another statistic is named.
    """
    if statistic not in EXACT:
        raise ZollstockError(
            "statistic", repr(statistic), f"one of {', '.join(EXACT)}", "Choose one of them."
        )
    series = Series.of(p)
    mean, variance = np.full((2, len(series)), np.nan)
    for block in series.blocks():
        for moment, found in zip((mean, variance), _moments(block.rows, statistic), strict=True):
            moment[block.part] = np.where(block.usable, found, np.nan)
    return series.answer(mean), series.answer(variance)
