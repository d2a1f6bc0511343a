"""Jitter adds to a sum of absolute differences: seeing how much, and taking it out.

A path that was stored with losses, or an editor that draws anew for every frame, adds small
independent errors to the followed output. They hardly move p(1) - p(0), but epgm adds them up.
The correction fits lines that rise, fall, rise … to the series, each change of direction at a
price above what jitter alone would pay, and adds up the changes from turn to turn.
"""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array, Counts
from zollstock.errors import ZollstockError
from zollstock.scoring import kernels
from zollstock.scoring.compiled import compiled, worth_compiling
from zollstock.scoring.series import BLOCK, Block, Series, SeriesLike, real_array, unit_axis

SHORTEST = 12  # with fewer steps a turn and an error look alike: nothing is corrected
WINDOW = 31  # neighbouring values that tell the jitter at a step
# Mean of min(|Z|, 3), Z standard normal: what the clipped mean estimates in units of σ.
_CLIPPED = 0.797120
_SECONDS = 3e-6  # of the interpreted fit, for a pair of steps


def _price(steps: int) -> float:
    """Return the price of a piece in units of σ².

    Pure jitter pays for a turn in 4 % of series of 17 steps, 8 % of 100 and 12 % of 200.
    """
    return float(3 * np.log(steps) + 6)


def _local_level(rows: Array, x: Array) -> Array:
    """Return the standard deviation of the jitter around each step, shape (n, S).

    Divided differences of order 2 and 3 remove what is locally a line or a parabola, on even
    and uneven axes. A clipped mean over WINDOW of them is not led by single jumps; the smaller
    of both orders is taken, for curvature adds to them and jitter does not.
    """
    steps = rows.shape[1]
    level = np.full(rows.shape, np.inf)
    x = x[:1] if (x == x[:1]).all() else x  # weights once for a shared axis
    for order in (2, 3):
        view = np.lib.stride_tricks.sliding_window_view
        nodes = view(x, order + 1, axis=1)
        nodes = (nodes - nodes[..., :1]) / (nodes[..., -1:] - nodes[..., :1])
        apart = nodes[..., :, None] - nodes[..., None, :]
        own = np.arange(order + 1)
        apart[..., own, own] = 1
        weight = 1 / apart.prod(axis=-1)
        weight /= np.sqrt((weight * weight).sum(axis=-1, keepdims=True))
        size = np.abs((weight * view(rows, order + 1, axis=1)).sum(axis=-1))
        window = min(WINDOW, size.shape[1])
        near = view(size, window, axis=1)
        middle = np.median(near, axis=-1, keepdims=True) / 0.6745
        local = np.minimum(near, 3 * middle).mean(axis=-1) / _CLIPPED
        start = np.clip(np.arange(steps) - (order + window) // 2, 0, local.shape[1] - 1)
        level = np.minimum(level, local[:, start])
    return level


def turns_rows(rows: Array, x: Array) -> Array:
    """Return the corrected epgm of finite rows (n, S) along x (n, S): the default method."""
    plain: Array = np.abs(np.diff(rows, axis=1)).sum(axis=1)
    steps = rows.shape[1]
    if steps < SHORTEST or not len(rows):
        return plain
    total, half = np.empty(len(rows)), round(np.sqrt(steps) / 3)
    loops = compiled() if worth_compiling(_SECONDS * rows.size * steps) else kernels
    loops.from_turn_to_turn(
        rows, np.ascontiguousarray(x), _local_level(rows, x), _price(steps), half, total
    )
    net = np.abs(rows[:, -1] - rows[:, 0])
    return np.where(np.isnan(total), plain, np.clip(total, net, plain))


def _intercept_rows(rows: Array, x: Array) -> Array:
    """Return the intercept of the signature plot's line in 1 / k."""
    plain: Array = np.abs(np.diff(rows, axis=1)).sum(axis=1)
    if rows.shape[1] < SHORTEST:
        return plain
    spacings = _spacings(rows.shape[1], None)
    inverse = 1 / spacings
    lever = inverse - inverse.mean()
    tv = _signature_rows(rows, spacings)
    slope = tv @ lever / (lever @ lever)
    intercept = tv.mean(axis=1) - slope * inverse.mean()
    return np.clip(intercept, np.minimum(np.abs(rows[:, -1] - rows[:, 0]), plain), plain)


_METHODS = {"turns": turns_rows, "signature": _intercept_rows}


def corrected_gradient(
    p: SeriesLike,
    axis: npt.ArrayLike | None = None,
    method: Literal["turns", "signature"] = "turns",
) -> Any:  # noqa: ANN401 - float or array, as p
    """Return epgm with the part that jitter adds taken out.

    Parameters
    ----------
    p
        Shape (S,) or (N, S), S >= 2. Below 12 steps the plain epgm is returned.
    axis
        The property's values, (S,) or (N, S), rising or falling throughout; default even.
    method
        - ``turns``: the piecewise monotone fit with the fewest worthwhile turns; a turn costs
          (3 ln S + 6) σ², σ the local jitter. The result is the sum of |changes| between
          the path's ends as they stand and the turns' levels (a parabola over 2 round(√S / 3)
          + 1 steps). A series with fewer than four turns that look like jitter keeps its
          epgm to the bit.
        - ``signature``: the intercept of `signature` against 1 / k, where independent
          jitter has died away. Too low on clean stretches, and changes clean curves that turn.

    Returns
    -------
    float or ndarray
        Between |p(1) - p(0)| and the plain epgm. NaN for a series with NaN or infinity.

    Raises
    ------
    ZollstockError
        If the method is unknown, p has the wrong shape, or the axis does not fit it.

    Notes
    -----
    The ends' own jitter stays: a flat path scores about 1.13 σ. Turns smaller than a few σ are
    lost, and jitter that persists over steps (AR(1), ρ ≥ .5) is taken for turns; see
    `replicated_gradient` and docs/statistics.md for both. Piecewise monotone regression by
    price per turn is in the spirit of Davies & Kovac, Annals of Statistics 29 (2001).
    """
    if method not in _METHODS:
        raise ZollstockError(
            "method", repr(method), f"one of {', '.join(_METHODS)}", "Use turns, the default."
        )
    correct = _METHODS[method]
    return _each(p, axis, lambda block: correct(block.rows, block.x))


def jitter_level(p: SeriesLike, axis: npt.ArrayLike | None = None) -> Any:  # noqa: ANN401 - float or array, as p
    """Return an estimate of the jitter's standard deviation, root mean square over the path.

    Parameters
    ----------
    p, axis
        As in `corrected_gradient`.

    Returns
    -------
    float or ndarray
        NaN below 12 steps, where it cannot be told, and for a series with NaN. Some percent
        low under white jitter, since the smaller of two estimates is taken (see
        `_local_level`); too low by far where the jitter persists; on a clean curve what
        curvature leaves.
    """

    def level(block: Block) -> Array:
        if block.rows.shape[1] < SHORTEST or not len(block.rows):
            return np.full(len(block.rows), np.nan)
        return np.asarray(np.sqrt((_local_level(block.rows, block.x) ** 2).mean(axis=1)))

    return _each(p, axis, level)


def _each(p: SeriesLike, axis: npt.ArrayLike | None, function: Any) -> Any:  # noqa: ANN401
    """Apply a function of rows and x block by block; NaN rows stay NaN."""
    series = Series.of(p, axis)
    return series.each(function, max(1, BLOCK * 100 // series.steps))


def _spacings(steps: int, spacings: npt.ArrayLike | None) -> Counts:
    if spacings is None:
        return np.arange(1, max(1, min(20, (steps - 1) // 4)) + 1)
    chosen = np.asarray(spacings)
    if chosen.ndim != 1 or chosen.dtype.kind not in "iu" or not chosen.size:
        raise ZollstockError(
            "spacings", repr(spacings), "a list of whole numbers", "Count the spacing in steps."
        )
    if chosen.min() < 1 or chosen.max() >= steps:
        raise ZollstockError(
            "spacings", repr(spacings), f"1 to {steps - 1}", "Leave out longer ones."
        )
    return chosen.astype(np.int64)


def _signature_rows(rows: Array, spacings: Counts) -> Array:
    """Return TV_k of finite rows, shape (n, K)."""
    columns = []
    for k in spacings:
        total = np.abs(rows[:, k:] - rows[:, :-k]).sum(axis=1)
        total += np.abs(rows[:, 1:k] - rows[:, :1]).sum(axis=1)
        total += np.abs(rows[:, -k:-1] - rows[:, -1:]).sum(axis=1)
        columns.append(total / k)
    return np.stack(columns, axis=1)


def signature(p: SeriesLike, spacings: npt.ArrayLike | None = None) -> tuple[Counts, Array]:
    """Return the signature plot of a series: its total variation when seen every k-th step.

    TV_k is the mean over the k phases φ of the epgm of the steps 0, φ, φ + k, …, S - 1: both
    ends belong to every phase, so |p(1) - p(0)| <= TV_k <= epgm, and a monotone series is
    flat at its height. White jitter adds about 1.13 σ (1 + (S - 2) / k). The plot is
    drawn for realised volatility in finance (Andersen, Bollerslev, Diebold & Labys, Risk 13
    (2000)); a curve that rises towards small k shows jitter, one that falls towards large k
    turns that are passed over.

    Parameters
    ----------
    p
        Shape (S,) or (N, S).
    spacings
        Whole numbers from 1 to S - 1, shape (K,). Default 1, 2, … up to a quarter of the
        path, 20 at most. Counted in steps; the axis makes no difference.

    Returns
    -------
    spacings, tv
        Shapes (K,) and (K,) or (N, K). NaN for a series with NaN or infinity.

    Raises
    ------
    ZollstockError
        If p has the wrong shape or a spacing does not fit it.
    """
    series = Series.of(p)
    chosen = _spacings(series.steps, spacings)
    tv = np.full((len(series), len(chosen)), np.nan)
    for block in series.blocks():
        found = _signature_rows(block.rows, chosen)
        tv[block.part] = np.where(block.usable[:, None], found, np.nan)
    return chosen, (tv[0] if series.single else tv)


def replicated_gradient(p: npt.ArrayLike, axis: npt.ArrayLike | None = None) -> Any:  # noqa: ANN401 - float or array, as p
    """Return the epgm that replicates of a path (other seeds) share.

    Where the curve turns is read off the mean of the other replicates, how far it goes off
    the one left out; the mean over all of these. What replicates do not share (jitter, even
    where it persists along the path, and what a seed alone shows) has no say in both and
    cancels on average. Turns that jitter misplaces or hides make it a little low.

    Parameters
    ----------
    p
        Shape (R, S) or (N, R, S). Replicates with NaN are left out; with one left it is
        `corrected_gradient`, with none NaN.
    axis
        Shared by the replicates, shape (S,) or (N, S).

    Returns
    -------
    float or ndarray
        Shape () or (N,), between |p(1) - p(0)| and epgm of the mean series.

    Raises
    ------
    ZollstockError
        If p has another shape or fewer than 2 steps, or the axis does not fit.
    """
    fix = "Pass one series for each seed."
    values = real_array(p, "replicates", (2, 3), "(R, S) or (N, R, S)", fix)
    single = values.ndim == 2
    values = values[None] if single else values
    number, _, steps = values.shape
    # Every row of it stands for all replicates of a path: their axis is checked once.
    whole = Series.of(np.zeros((number, steps)), axis)
    result = np.full(number, np.nan)
    for n in range(number):
        rows = values[n].astype(np.float64)
        rows = rows[np.isfinite(rows).all(axis=1)]
        if len(rows):
            result[n] = _shared(rows, unit_axis(whole.axis[n : n + 1]))
    return float(result[0]) if single else result


def _shared(rows: Array, x: Array) -> float:
    """Return `replicated_gradient` of finite rows (R, S) along x (1, S)."""
    number, steps = rows.shape
    if number == 1:
        return float(turns_rows(rows, x)[0])
    mean = rows.mean(axis=0)
    plain = float(np.abs(np.diff(mean)).sum())
    if steps < SHORTEST:
        return plain
    others = (rows.sum(axis=0) - rows) / (number - 1)
    # What replicates differ by is jitter; their turns are none, however many there are.
    from scipy.ndimage import uniform_filter1d  # a quarter of a second, which most jobs save

    spread = uniform_filter1d(rows.var(axis=0, ddof=1), WINDOW, mode="nearest")
    level = np.sqrt(np.maximum(spread, 0.0) / (number - 1))
    level = np.maximum(level, max(1e-6 * np.ptp(rows), 1e-12))  # the fit divides by it
    levels = np.tile(level, (number, 1))
    loops = compiled() if worth_compiling(_SECONDS * rows.size * steps) else kernels
    total = loops.held_out(rows, others, levels, _price(steps))
    return min(max(total, abs(mean[-1] - mean[0])), plain)
