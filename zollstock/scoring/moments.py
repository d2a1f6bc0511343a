"""Exact mean and variance of paper_grad and epgm when the order of the steps is random.

With d(a, b) = |p_a - p_b|, both statistics are a sum of w_e d(π(e)) over a fixed set of
edges e. For S · paper_grad these are the pairs of steps (i - 1, i + 1) with weight 1/2 and
the two end pairs with weight 1; for epgm the pairs of neighbours with weight 1. Under a
uniformly random π the moments of such a sum follow from sums over the distance matrix,
sorted by how many steps two edges share. Source: Mantel, "The detection of disease
clustering and a generalized regression approach", Cancer Research 27 (1967).
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError
from zollstock.scoring._jit import jit
from zollstock.scoring.statistics import BLOCK, as_batch, clean_block

Array = npt.NDArray[np.float64]
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


@jit
def _from_sorted(ordered, weights, divisor, mean, variance):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write mean and variance of the sum over `divisor` of each row of `ordered`, ascending."""
    number, n = ordered.shape
    total, same, adjacent, apart = weights
    sums = np.empty(n)
    for row in range(number):
        x = ordered[row]
        middle = x[n // 2]  # moments depend on differences only
        whole = 0.0
        for i in range(n):
            whole += x[i] - middle
        # Row sums of the distance matrix, from the sorted values and their running sum.
        running = 0.0
        distances = 0.0
        for i in range(n):
            value = x[i] - middle
            running += value
            sums[i] = value * (2 * i + 2 - n) - 2 * running + whole
            distances += sums[i]
        distance = distances / (n * (n - 1))
        # Distances less their mean: the squared mean drops out, and no digits cancel later.
        squares = 0.0
        rows_squared = 0.0
        for i in range(n):
            squares += (x[i] - middle - whole / n) ** 2
            rows_squared += (sums[i] - (n - 1) * distance) ** 2
        squares = 2 * n * squares - n * (n - 1) * distance**2
        spread = same * squares / (n * (n - 1))
        if n > 2:
            spread += adjacent * (rows_squared - squares) / (n * (n - 1.0) * (n - 2))
        if n > 3:
            pairs = n * (n - 1.0) * (n - 2) * (n - 3)
            spread += apart * (2 * squares - 4 * rows_squared) / pairs
        mean[row] = total * distance / divisor
        variance[row] = spread / divisor**2
        if variance[row] <= _ROUNDING * mean[row] ** 2:
            variance[row] = 0.0


def _moments(rows: Array, statistic: str) -> tuple[Array, Array]:
    """Return mean and variance for finite rows (n, S)."""
    steps = rows.shape[1]
    mean, variance = np.empty((2, len(rows)))
    divisor = float(steps if statistic == "paper_grad" else 1)
    _from_sorted(np.sort(rows, axis=1), edge_weights(steps, statistic), divisor, mean, variance)
    return mean, variance


def null_moments(p: npt.ArrayLike, statistic: str = "paper_grad") -> tuple[Array, Array]:
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
    values, single = as_batch(p)
    mean, variance = np.full((2, len(values)), np.nan)
    for first in range(0, len(values), BLOCK):
        rows, usable = clean_block(values[first : first + BLOCK])
        part = slice(first, first + len(rows))
        block_mean, block_variance = _moments(rows, statistic)
        mean[part] = np.where(usable, block_mean, np.nan)
        variance[part] = np.where(usable, block_variance, np.nan)
    return (mean[0], variance[0]) if single else (mean, variance)
