"""Compiled null statistics: the same numbers as the plain definitions, many at a time.

All arithmetic is float64, and one series goes through the same operations in the same
order whether it comes alone or among 10,000, so nothing depends on the batch.
"""

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
def variation_null(x, table, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Write Σ |change from step to step| of x[table[k]] to out[k]; shapes (S,), (K, S), (K,).

    Same additions as `_variation_tile`.
    """
    count, steps = table.shape
    for k in range(count):
        q = table[k]
        total = 0.0
        i = 0
        while i + 8 <= steps - 1:
            r0, r1, r2, r3, r4 = x[q[i]], x[q[i + 1]], x[q[i + 2]], x[q[i + 3]], x[q[i + 4]]
            r5, r6, r7, r8 = x[q[i + 5]], x[q[i + 6]], x[q[i + 7]], x[q[i + 8]]
            total += ((abs(r1 - r0) + abs(r2 - r1)) + (abs(r3 - r2) + abs(r4 - r3))) + (
                (abs(r5 - r4) + abs(r6 - r5)) + (abs(r7 - r6) + abs(r8 - r7))
            )
            i += 8
        while i < steps - 1:
            total += abs(x[q[i + 1]] - x[q[i]])
            i += 1
        out[k] = total


@jit
def _variation_tile(x, table, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write Σ |change| of x[table[k], lane] to out[k, lane]; x is (S, LANES)."""
    count, steps = table.shape
    for k in range(count):
        q = table[k]
        total = out[k]
        total[:] = 0.0
        i = 0
        while i + 8 <= steps - 1:
            r0, r1, r2, r3, r4 = x[q[i]], x[q[i + 1]], x[q[i + 2]], x[q[i + 3]], x[q[i + 4]]
            r5, r6, r7, r8 = x[q[i + 5]], x[q[i + 6]], x[q[i + 7]], x[q[i + 8]]
            for lane in range(LANES):
                total[lane] += (
                    (abs(r1[lane] - r0[lane]) + abs(r2[lane] - r1[lane]))
                    + (abs(r3[lane] - r2[lane]) + abs(r4[lane] - r3[lane]))
                ) + (
                    (abs(r5[lane] - r4[lane]) + abs(r6[lane] - r5[lane]))
                    + (abs(r7[lane] - r6[lane]) + abs(r8[lane] - r7[lane]))
                )
            i += 8
        while i < steps - 1:
            a, b = x[q[i]], x[q[i + 1]]
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
def centred_exceedances(series, table, variation, exceed):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Count the permutations whose score is at least as far from the null mean as the series'.

    The count is ``#{|T_k - m| >= |T_0 - m|}``, m the mean of T over the permutations.
    Memory does not grow with the number of series: one tile of ``LANES`` series and its
    K null values are held at a time.

    Parameters
    ----------
    series
        Float64, shape (N, S), S >= 2, C order.
    table
        Permutations, int32, shape (K, S).
    variation
        Whether T is epgm; otherwise it is paper_grad.
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
            if variation:
                _variation_tile(x, identity, base)
                _variation_tile(x, table, null)
            else:
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
            if variation:
                variation_null(series[n], identity, base[:, 0])
                variation_null(series[n], table, null[:, 0])
            else:
                _grad_one(series[n], identity, base[:, 0])
                _grad_one(series[n], table, null[:, 0])
            _centred_counts(null, base[0], mean, counts)
            exceed[n] = counts[0]


def unit(rows: Array) -> Array:
    """Centre every row and scale it to length 1; a constant row becomes 0; shape (N, S)."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    centred[rows.max(axis=1) == rows.min(axis=1)] = 0
    largest = np.abs(centred).max(axis=1, keepdims=True, initial=0)
    centred /= np.where(largest > 0, largest, 1)  # squares of tiny values would vanish
    length = np.sqrt((centred * centred).sum(axis=1, keepdims=True))
    result: Array = centred / np.where(length > 0, length, 1)
    return result


@jit
def _corr_one(x, grid, table, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write grid @ x[table[k]] to out[k]; same additions as `_corr_tile`."""
    count, steps = table.shape
    for k in range(count):
        q = table[k]
        total = 0.0
        i = 0
        while i + 4 <= steps:
            total += (grid[i] * x[q[i]] + grid[i + 1] * x[q[i + 1]]) + (
                grid[i + 2] * x[q[i + 2]] + grid[i + 3] * x[q[i + 3]]
            )
            i += 4
        while i < steps:
            total += grid[i] * x[q[i]]
            i += 1
        out[k] = min(1.0, max(-1.0, total))


@jit
def _corr_tile(x, grid, table, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write grid @ x[table[k], lane] to out[k, lane]; x is (S, LANES)."""
    count, steps = table.shape
    for k in range(count):
        q = table[k]
        total = out[k]
        total[:] = 0.0
        i = 0
        while i + 4 <= steps:
            r0, r1, r2, r3 = x[q[i]], x[q[i + 1]], x[q[i + 2]], x[q[i + 3]]
            g0, g1, g2, g3 = grid[i], grid[i + 1], grid[i + 2], grid[i + 3]
            for lane in range(LANES):
                total[lane] += (g0 * r0[lane] + g1 * r1[lane]) + (g2 * r2[lane] + g3 * r3[lane])
            i += 4
        while i < steps:
            r0, g0 = x[q[i]], grid[i]
            for lane in range(LANES):
                total[lane] += g0 * r0[lane]
            i += 1
        for lane in range(LANES):
            total[lane] = min(1.0, max(-1.0, total[lane]))


@jit
def _corr_rows(rows, grid, table, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write grid @ rows[n, table[k]] to out[n, k], in tiles where there are enough rows."""
    number, steps = rows.shape
    tiled = number // LANES * LANES
    if number - tiled > _SCALAR_BELOW:
        tiled = number
    x = np.zeros((steps, LANES))
    null = np.empty((table.shape[0] if tiled > 0 else 0, LANES))
    for first in range(0, tiled, LANES):
        width = min(LANES, number - first)
        for lane in range(width):
            for i in range(steps):
                x[i, lane] = rows[first + lane, i]
        _corr_tile(x, grid, table, null)
        for lane in range(width):
            for k in range(table.shape[0]):
                out[first + lane, k] = null[k, lane]
    for n in range(tiled, number):
        _corr_one(rows[n], grid, table, out[n])


def corr_null(series: Array, table: npt.NDArray[np.int32], out: Array | None = None) -> Array:
    """Return Pearson's r of every permuted series with linspace(0, 1, S).

    Permuting changes neither mean nor length of a series, so each r is the inner product of
    the permuted unit series and the unit grid.

    Parameters
    ----------
    series
        Shape (n, S), finite.
    table
        Permutations, int32, shape (K, S).
    out
        Where to write the result, shape (n, K); made if not given.

    Returns
    -------
    ndarray
        Shape (n, K); 0 for a constant series.
    """
    if out is None:
        out = np.empty((len(series), len(table)))
    grid = unit(np.linspace(0, 1, series.shape[1])[None])[0]
    _corr_rows(unit(series), grid, table, out)
    return out


@jit
def tally(values, centred, absolute, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Compare each row's first value T₀ with the K others; one row at a time, in order.

    Values closer than rounding count as equal: a permutation that puts equal values in each
    other's places must tie with the series, in whatever order its terms were added.

    Parameters
    ----------
    values
        T₀ and its null, shape (n, 1 + K).
    centred, absolute
        Whether the mean of the null is taken off first, and whether magnitudes are compared.
    out
        Receives #{T >= T₀}, #{T > T₀}, mean and standard deviation of T, shape (4, n).
    """
    number, count = values.shape[0], values.shape[1] - 1
    for n in range(number):
        null = values[n, 1:]
        base = values[n, 0]
        largest = abs(base)
        mean = 0.0
        for k in range(count):
            mean += null[k]
            largest = max(largest, abs(null[k]))
        mean /= count
        squares = 0.0
        for k in range(count):
            squares += (null[k] - mean) ** 2
        std = np.sqrt(squares / max(count - 1, 1))
        slack = CLOSE * largest
        centre = mean if centred else 0.0
        threshold = abs(base - centre) if absolute else base - centre
        at_least, above = 0, 0
        for k in range(count):
            value = abs(null[k] - centre) if absolute else null[k] - centre
            at_least += value >= threshold - slack
            above += value > threshold + slack
        out[0, n] = at_least
        out[1, n] = above
        out[2, n] = mean
        out[3, n] = std if std > slack else 0.0
