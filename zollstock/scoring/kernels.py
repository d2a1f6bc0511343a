"""Compiled null statistics: the same numbers as the plain definitions, many at a time.

All arithmetic is float64, and one series goes through the same operations in the same
order whether it comes alone or among 10,000, so nothing depends on the batch.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.scoring._jit import jit

Array = npt.NDArray[np.float64]

LANES = 64  # series side by side: one tile of 100 steps is 51 kB and stays near the core
CLOSE = 1e-12  # a null value this near the threshold, relative to its size, is a tie
_SCALAR_BELOW = 8  # up to here one series at a time is faster than a padded tile


@jit
def _grad_one(x, table, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write 2 S mean |gradient| of x[table[k]] to out[k]; same additions as `_grad_tile`."""
    count, steps = table.shape
    for k in range(count):
        q = table[k]
        total = 2.0 * (abs(x[q[1]] - x[q[0]]) + abs(x[q[steps - 1]] - x[q[steps - 2]]))
        i = 0
        while i + 8 <= steps - 2:
            r0, r1, r2, r3, r4 = x[q[i]], x[q[i + 1]], x[q[i + 2]], x[q[i + 3]], x[q[i + 4]]
            r5, r6, r7, r8, r9 = x[q[i + 5]], x[q[i + 6]], x[q[i + 7]], x[q[i + 8]], x[q[i + 9]]
            total += ((abs(r2 - r0) + abs(r3 - r1)) + (abs(r4 - r2) + abs(r5 - r3))) + (
                (abs(r6 - r4) + abs(r7 - r5)) + (abs(r8 - r6) + abs(r9 - r7))
            )
            i += 8
        while i < steps - 2:
            total += abs(x[q[i + 2]] - x[q[i]])
            i += 1
        out[k] = total


@jit
def _grad_tile(x, table, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write 2 S mean |gradient| of x[table[k], lane] to out[k, lane]; x is (S, LANES)."""
    count, steps = table.shape
    for k in range(count):
        q = table[k]
        total = out[k]
        a, b, c, d = x[q[0]], x[q[1]], x[q[steps - 2]], x[q[steps - 1]]
        for lane in range(LANES):
            total[lane] = 2.0 * (abs(b[lane] - a[lane]) + abs(d[lane] - c[lane]))
        i = 0
        while i + 8 <= steps - 2:
            r0, r1, r2, r3, r4 = x[q[i]], x[q[i + 1]], x[q[i + 2]], x[q[i + 3]], x[q[i + 4]]
            r5, r6, r7, r8, r9 = x[q[i + 5]], x[q[i + 6]], x[q[i + 7]], x[q[i + 8]], x[q[i + 9]]
            for lane in range(LANES):
                total[lane] += (
                    (abs(r2[lane] - r0[lane]) + abs(r3[lane] - r1[lane]))
                    + (abs(r4[lane] - r2[lane]) + abs(r5[lane] - r3[lane]))
                ) + (
                    (abs(r6[lane] - r4[lane]) + abs(r7[lane] - r5[lane]))
                    + (abs(r8[lane] - r6[lane]) + abs(r9[lane] - r7[lane]))
                )
            i += 8
        while i < steps - 2:
            a, b = x[q[i]], x[q[i + 2]]
            for lane in range(LANES):
                total[lane] += abs(b[lane] - a[lane])
            i += 1


@jit
def grad_null(x, table, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Write mean |gradient| of x[table[k]] to out[k]; shapes (S,), (K, S), (K,)."""
    _grad_one(x, table, out)
    for k in range(out.size):
        out[k] /= 2.0 * x.size


@jit
def _centred_counts(null, base, mean, counts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Count, lane by lane, the rows of `null` (K, L) at least as far from their mean as `base`."""
    count, lanes = null.shape
    for lane in range(lanes):
        mean[lane] = 0.0
        counts[lane] = 0
    for k in range(count):
        for lane in range(lanes):
            mean[lane] += null[k, lane]
    for lane in range(lanes):
        mean[lane] /= count
        # `base` becomes the threshold, lowered by what rounding may add to a tie.
        base[lane] = abs(base[lane] - mean[lane]) - CLOSE * (abs(base[lane]) + mean[lane])
    for k in range(count):
        for lane in range(lanes):
            counts[lane] += abs(null[k, lane] - mean[lane]) >= base[lane]


@jit
def grad_exceedances(series, table, exceed):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Count the permutations whose mean |gradient| is as far from the null mean as the series'.

    The count is ``#{|T_k - m| >= |T_0 - m|}``, m the mean of T over the permutations.
    Memory does not grow with the number of series: one tile of ``LANES`` series and its
    K null values are held at a time.

    Parameters
    ----------
    series
        Float64, shape (N, S), S >= 2, C order.
    table
        Permutations, int32, shape (K, S).
    exceed
        Receives the counts, int64, shape (N,). A series with NaN or infinity gets 0.
    """
    number, steps = series.shape
    count = table.shape[0]
    identity = np.empty((1, steps), np.int32)
    for i in range(steps):
        identity[0, i] = i
    tiled = number // LANES * LANES
    if number - tiled > _SCALAR_BELOW:
        tiled = number
    if tiled > 0:
        x = np.zeros((steps, LANES))
        null = np.empty((count, LANES))
        base = np.empty((1, LANES))
        mean = np.empty(LANES)
        counts = np.empty(LANES, np.int64)
        for first in range(0, tiled, LANES):
            width = min(LANES, number - first)
            for lane in range(width):
                for i in range(steps):
                    x[i, lane] = series[first + lane, i]
            _grad_tile(x, identity, base)
            _grad_tile(x, table, null)
            _centred_counts(null, base[0], mean, counts)
            for lane in range(width):
                exceed[first + lane] = counts[lane]
    if tiled < number:
        null = np.empty((count, 1))
        base = np.empty((1, 1))
        mean = np.empty(1)
        counts = np.empty(1, np.int64)
        for n in range(tiled, number):
            _grad_one(series[n], identity, base[:, 0])
            _grad_one(series[n], table, null[:, 0])
            _centred_counts(null, base[0], mean, counts)
            exceed[n] = counts[0]


@jit
def _permuted_grid(table, grid, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Scatter the grid so that out[k] @ p equals grid @ p[table[k]]."""
    count, steps = table.shape
    for k in range(count):
        for i in range(steps):
            out[k, table[k, i]] = grid[i]


def unit(rows: Array) -> Array:
    """Centre every row and scale it to length 1; a constant row becomes 0; shape (N, S)."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    centred[rows.max(axis=1) == rows.min(axis=1)] = 0
    largest = np.abs(centred).max(axis=1, keepdims=True, initial=0)
    centred /= np.where(largest > 0, largest, 1)  # squares of tiny values would vanish
    length = np.sqrt((centred * centred).sum(axis=1, keepdims=True))
    result: Array = centred / np.where(length > 0, length, 1)
    return result


def corr_weights(table: npt.NDArray[np.int32]) -> Array:
    """Return the permuted unit grids, shape (K, S): unit(p) @ weights.T is the null of r."""
    steps = table.shape[1]
    weights = np.empty(table.shape)
    _permuted_grid(table, unit(np.linspace(0, 1, steps)[None])[0], weights)
    return weights


def corr_null(series: Array, weights: Array) -> Array:
    """Return Pearson's r of every permuted series with the grid as one matrix product.

    Parameters
    ----------
    series
        Shape (n, S), n <= LANES, finite.
    weights
        From `corr_weights`, shape (K, S).

    Returns
    -------
    ndarray
        Shape (n, K). The product always has LANES rows (empty ones are zeros), so that the
        linear algebra library takes the same route for one series as for many.
    """
    tile = np.zeros((LANES, series.shape[1]))
    tile[: len(series)] = unit(series)
    result: Array = np.clip(tile @ weights.T, -1, 1)[: len(series)]
    return result


@jit
def _ksg(x, y, neighbours, psi, nearest):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the KSG estimate (first algorithm) for x and an ascending y, at least 0.

    The nearest neighbours in max(|dx|, |dy|) are looked for outwards from each point in y;
    the search stops once |dy| alone is as large as the distance of the last one kept.
    """
    steps = x.size
    psi_sum = 0.0
    for i in range(steps):
        xi, yi = x[i], y[i]
        for m in range(neighbours):
            nearest[m] = np.inf
        left, right = i - 1, i + 1
        while left >= 0 or right < steps:
            dy_left = yi - y[left] if left >= 0 else np.inf
            dy_right = y[right] - yi if right < steps else np.inf
            if dy_left <= dy_right:
                dy, j = dy_left, left
                left -= 1
            else:
                dy, j = dy_right, right
                right += 1
            if dy >= nearest[neighbours - 1]:
                break
            distance = max(abs(xi - x[j]), dy)
            if distance < nearest[neighbours - 1]:
                m = neighbours - 1
                while m > 0 and nearest[m - 1] > distance:
                    nearest[m] = nearest[m - 1]
                    m -= 1
                nearest[m] = distance
        radius = nearest[neighbours - 1]
        near_x, near_y = 0, 0  # both count the point itself
        for j in range(steps):
            dx, dy = abs(xi - x[j]), abs(yi - y[j])
            near_x += dx < radius or dx == 0.0
            near_y += dy < radius or dy == 0.0
        psi_sum += psi[near_x] + psi[near_y]
    return max(0.0, psi[steps] + psi[neighbours] - psi_sum / steps)


@jit
def _mi_null(p, noise, y, neighbours, psi, table, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the KSG estimate of (p[table[k]] + noise, y) to out[k]."""
    x = np.empty(p.size)
    nearest = np.empty(neighbours)
    for k in range(table.shape[0]):
        for i in range(p.size):
            x[i] = p[table[k, i]] + noise[i]
        out[k] = _ksg(x, y, neighbours, psi, nearest)


def _spread(values: Array) -> float:
    """Return the standard deviation that scikit-learn's `scale` divides by."""
    deviation = float(values.std())
    return deviation if deviation >= 10 * np.finfo(np.float64).eps else 1.0


def mi_null(p: Array, table: npt.NDArray[np.int32], neighbours: int = 5) -> Array:
    """Return the KSG mutual information of p[table[k]] and the grid, for every k.

    The value is that of scikit-learn's ``mutual_info_regression(p[table[k]][:, None],
    linspace(0, 1, S), n_neighbors=5, random_state=0)``: both variables are divided by their
    standard deviation and receive noise of 1e-10 that breaks ties. Scale and noise are
    worked out once; the noise belongs to the place in the path, so it stays where it is
    while p is permuted.

    Parameters
    ----------
    p
        Finite series, shape (S,), S > neighbours.
    table
        Permutations, int32, shape (K, S).
    neighbours
        Number k of nearest neighbours.

    Returns
    -------
    ndarray
        Nats, shape (K,), never negative. Source: Kraskov et al., Phys. Rev. E 69, 066138
        (2004), equation 8, as in scikit-learn.
    """
    from scipy.special import digamma

    steps = p.size
    # scikit-learn's seeded noise comes from the legacy generator.
    rng: Any = np.random.RandomState(0)
    noise = rng.standard_normal(steps)
    noise_y = rng.standard_normal(steps)
    x = p / _spread(p)
    y = np.linspace(0, 1, steps)
    y /= _spread(y)
    noise *= 1e-10 * max(1.0, np.abs(x).mean())
    y += 1e-10 * max(1.0, np.abs(y).mean()) * noise_y
    psi = np.zeros(steps + 1)
    psi[1:] = digamma(np.arange(1, steps + 1))
    out = np.empty(len(table))
    _mi_null(x, noise, y, neighbours, psi, table, out)
    return out
