"""Exact mean and variance of mean |gradient| when the order of the steps is random.

With d(a, b) = |p_a - p_b|, S times the statistic is the sum of w_e d(π(e)) over a fixed set
of edges e: the pairs of steps (i - 1, i + 1) with weight 1/2 and the two end pairs with
weight 1. Under a uniformly random π the moments of such a sum follow from sums over the
distance matrix, sorted by how many steps two edges share. Source: Mantel, "The detection
of disease clustering and a generalized regression approach", Cancer Research 27 (1967).
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from zollstock.scoring.statistics import BLOCK, as_batch, clean_block

Array = npt.NDArray[np.float64]
_ROUNDING = 1e-13  # a variance this small beside the squared mean is nothing but rounding


@lru_cache(maxsize=64)
def edge_weights(steps: int) -> tuple[float, float, float, float]:
    """Return (W, W2, W1, W0) of the edge set of mean |gradient| for paths of S steps.

    W is the sum of the weights; W2, W1 and W0 are the sums of w_e w_f over ordered pairs of
    edges that share two, one and no steps, so W2 + W1 + W0 = W².
    """
    weight: dict[tuple[int, int], float] = {}
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


def _moments(rows: Array) -> tuple[Array, Array]:
    """Return mean and variance for finite rows (n, S)."""
    n = rows.shape[1]
    total, same, adjacent, apart = edge_weights(n)
    ordered = np.sort(rows, axis=1)
    ordered -= ordered[:, n // 2, None]  # moments depend on differences only
    # Row sums of the distance matrix from the sorted values and their running sums.
    running = np.cumsum(ordered, axis=1)
    rank = np.arange(n)
    sums = ordered * (2 * rank + 2 - n) - 2 * running + running[:, -1:]
    mean_distance = sums.sum(axis=1) / (n * (n - 1))
    # Distances less their mean: the squared mean drops out, and no digits cancel later.
    sums -= (n - 1) * mean_distance[:, None]
    centred = ordered - ordered.mean(axis=1, keepdims=True)
    squares = 2 * n * (centred * centred).sum(axis=1) - n * (n - 1) * mean_distance**2
    rows_squared = (sums * sums).sum(axis=1)
    variance = same * squares / (n * (n - 1))
    if n > 2:
        variance += adjacent * (rows_squared - squares) / (n * (n - 1) * (n - 2))
    if n > 3:
        variance += apart * (2 * squares - 4 * rows_squared) / (n * (n - 1) * (n - 2) * (n - 3))
    mean = total * mean_distance / n
    variance /= n * n
    variance[variance <= _ROUNDING * mean * mean] = 0
    return mean, variance


def null_moments(p: npt.ArrayLike) -> tuple[Array, Array]:
    """Return the exact mean and variance of mean |gradient| over all S! orders of p.

    Parameters
    ----------
    p
        Shape (S,) or (N, S), S >= 2.

    Returns
    -------
    mean, variance
        Shape () or (N,). Time O(S log S) a series. The variance is exactly 0 where every
        order scores the same (a constant series, S = 2); both are NaN for a series with
        NaN or infinity.

    Raises
    ------
    ZollstockError
        If p has the wrong shape or fewer than 2 steps.
    """
    values, single = as_batch(p)
    mean, variance = np.full((2, len(values)), np.nan)
    for first in range(0, len(values), BLOCK):
        rows, usable = clean_block(values[first : first + BLOCK])
        part = slice(first, first + len(rows))
        block_mean, block_variance = _moments(rows)
        mean[part] = np.where(usable, block_mean, np.nan)
        variance[part] = np.where(usable, block_variance, np.nan)
    return (mean[0], variance[0]) if single else (mean, variance)
