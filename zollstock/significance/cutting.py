"""What the placebo test compares: how far a path moved the prediction, at equal size of edit.

A placebo that goes further than the edit under test is cut where it is as large. Its statistic is
that of the part before.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array, Counts, Flags
from zollstock.errors import ZollstockError


def _used(p: Array) -> tuple[Counts, Flags]:
    """Return the last used step (N,), -1 without any, and whether no step up to it is missing.

    Unused steps are the trailing ones without a number.
    """
    finite = np.isfinite(p)
    last = np.where(finite.any(axis=1), p.shape[1] - 1 - finite[:, ::-1].argmax(axis=1), -1)
    return last, finite.sum(axis=1) == last + 1


def _ends(p: Array) -> tuple[Array, Counts, Flags]:
    """Return the series (N, S) as float64, the last used steps, and which have a score."""
    series = np.asarray(p, dtype=np.float64)
    last, whole = _used(series)
    series = np.where(np.isfinite(series), series, np.nan)
    return series, last, whole & (last >= 1)


def net(p: Array) -> Array:
    """Return |p_last - p_first| of each series (N, S), in probability, shape (N,).

    NaN at unused trailing steps is left out. NaN inside, or fewer than 2 steps: NaN.
    """
    series, last, scored = _ends(p)
    result = np.full(len(series), np.nan)
    rows = np.flatnonzero(scored)
    result[rows] = np.abs(series[rows, last[rows]] - series[rows, 0])
    return result


def span(p: Array) -> Array:
    """Return max - min of each series (N, S), in probability, shape (N,). NaN as in `net`."""
    series, _, scored = _ends(p)
    result = np.full(len(series), np.nan)
    rows = series[scored]
    result[scored] = np.nanmax(rows, axis=1) - np.nanmin(rows, axis=1) if len(rows) else []
    return result


PLACEBO_STATISTICS: dict[str, Callable[[Array], Array]] = {"net": net, "range": span}


def _statistic(name: str) -> Callable[[Array], Array]:
    if name not in PLACEBO_STATISTICS:
        raise ZollstockError(
            "statistic",
            repr(name),
            f"one of {', '.join(PLACEBO_STATISTICS)}",
            "Total variation is not among them: jitter hides a drift from it.",
        )
    return PLACEBO_STATISTICS[name]


def _cut(p: Array, size: Array, limit: Array) -> tuple[Array, Counts, Array, Flags]:
    """Cut paths (K, S) where their size reaches `limit` (K,).

    Returns the series, NaN after the cut; the last step kept; the size reached; and whether
    every number up to the cut is there. The running maximum carries a NaN on, so a path whose
    size is unknown on the way never reaches the limit.
    """
    last, _ = _used(p)
    steps = np.arange(p.shape[1])
    grown = np.maximum.accumulate(size, axis=1)
    with np.errstate(invalid="ignore"):
        arrived = (grown >= limit[:, None]) & (steps <= last[:, None])
    arrives = arrived.any(axis=1)
    end = np.where(arrives, arrived.argmax(axis=1), last)
    rows = np.arange(len(p))
    series = np.where(steps <= end[:, None], p, np.nan)
    partly = np.flatnonzero(arrives & (end > 0))
    here, before = end[partly], end[partly] - 1
    low, high = grown[partly, before], grown[partly, here]
    share = (limit[partly] - low) / (high - low)
    start = p[partly, before]
    series[partly, here] = start + share * (p[partly, here] - start)
    reached = np.where(arrives, np.maximum(limit, grown[:, 0]), grown[rows, end])
    reached = np.where((last >= 0) & ~np.isnan(limit), reached, np.nan)
    known = np.isfinite(np.where(steps <= end[:, None], p, 0.0)).all(axis=1)
    return series, end, reached, known & np.isfinite(reached)


def _as_paths(p: npt.ArrayLike, size: npt.ArrayLike, dimensions: int) -> tuple[Array, Array]:
    series, sizes = np.asarray(p, dtype=np.float64), np.asarray(size, dtype=np.float64)
    if series.ndim != dimensions or series.shape != sizes.shape or series.shape[-1] == 0:
        raise ZollstockError(
            "placebo paths",
            f"predictions {series.shape} and sizes of edit {sizes.shape}",
            "equal shapes, (S,) for one path and (K, S) for several",
            "Measure the size of edit at every step of the path.",
        )
    return series, sizes


def cut_at_size(p: npt.ArrayLike, size: npt.ArrayLike, limit: float) -> tuple[Array, float]:
    """Return a placebo's series up to where its edit is as large as the target's.

    Parameters
    ----------
    p
        Followed probability along the placebo path, shape (S,); NaN at unused trailing steps.
    size
        How far each frame is from the first, in any unit, shape (S,). Its running maximum is
        taken, so a path that turns back is cut where it first gets that far.
    limit
        Size of the target path's edit, in the same unit; infinity cuts nothing.

    Returns
    -------
    series
        Shape (at most S,): the steps before the limit and the point at the limit, by linear
        interpolation in the size. All NaN if a number is missing before the cut.
    reached
        Size at the end of the series: `limit`, or less where the path ends before.

    Raises
    ------
    ZollstockError
        If p and size differ in shape.
    """
    series, sizes = _as_paths(p, size, 1)
    cut, end, reached, known = _cut(series[None], sizes[None], np.array([limit], dtype=float))
    kept = cut[0, : int(end[0]) + 1]
    return (kept if known[0] else np.full_like(kept, np.nan), float(reached[0]))


def cut_statistic(
    p: npt.ArrayLike, size: npt.ArrayLike, limit: npt.ArrayLike, statistic: str
) -> tuple[Array, Array]:
    """Return a statistic of placebo paths (K, S), each cut at the target's size of edit.

    Parameters
    ----------
    p, size
        As in `cut_at_size`, one row a path.
    limit
        The target's size of edit, one number or one for each path (K,).
    statistic
        Key of `PLACEBO_STATISTICS`.

    Returns
    -------
    values
        Shape (K,). NaN where a number is missing before the cut or a path has fewer than 2
        steps. 0 where the limit is 0: an edit of no size has no effect.
    reached
        Shape (K,), see `cut_at_size`. Where it is below the limit the placebo was the smaller
        edit, and the comparison favours the target.

    Raises
    ------
    ZollstockError
        If the statistic is unknown or shapes differ.
    """
    function = _statistic(statistic)
    series, sizes = _as_paths(p, size, 2)
    limits = np.broadcast_to(np.asarray(limit, dtype=np.float64), series.shape[:1])
    cut, end, reached, known = _cut(series, sizes, limits)
    values = np.full(len(series), np.nan)
    values[known] = function(cut[known])
    at_start = known & (end == 0) & (reached >= limits)
    values[at_start] = 0.0
    return values, reached
