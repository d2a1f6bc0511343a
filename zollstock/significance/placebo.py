"""The placebo test: a path's effect against that of edits which should do nothing.

The steps of a path are not exchangeable, so shuffling them tests smoothness. What can be made
exchangeable is whole paths: if the property does not matter, its path differs from placebo
paths of the same size of edit no more than these differ among each other. The p-value is
that of a Monte-Carlo test: Besag & Clifford, Biometrika 76 (1989); the +1: Phipson & Smyth,
SAGMB 9 (2010).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.errors import ZollstockError

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

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


# ---- what is compared


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


# ---- equal size of edit


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


# ---- p-values


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


def _exceedances(limits: Array, draws: npt.NDArray[Any]) -> tuple[Counts, int]:
    """Return how many of all draws (n, K) are ≥ each limit (n,), and how many draws there are.

    The limits are sorted, not the draws, so memory stays that of one block of draws.
    """
    order = np.argsort(limits)
    below = np.zeros(len(limits) + 1, np.int64)
    for first in range(0, len(draws), ROWS):
        block = draws[first : first + ROWS]
        made = block[np.isfinite(block)].astype(np.float64)
        # A draw with j sorted limits at or under it is an exceedance for these j.
        places = np.searchsorted(limits[order], made, side="right")
        below += np.bincount(places, minlength=len(below))
    counts = np.empty(len(limits), np.int64)
    counts[order] = below[:0:-1].cumsum()[::-1]
    return counts, int(below.sum())


def pooled_p(
    target: npt.ArrayLike, placebos: npt.ArrayLike, strata: npt.ArrayLike
) -> tuple[Array, Counts]:
    """Compare each target with the placebos of all images in its stratum.

    p = (1 + #{placebo ≥ target}) / (1 + k) over the k placebos of the stratum. This resolves
    smaller p than an image's own few placebos can, at the price of a further assumption:
    **placebo effects are exchangeable between the images of a stratum**. Where some images
    react more to any edit than others, their p are too small and the calm images' too large,
    whatever k is. Choose strata within which images react alike, or use `placebo_p`.

    Parameters
    ----------
    target
        Shape (N,).
    placebos
        Shape (N, K), NaN for missing draws. A draw of an image without a target still counts.
    strata
        Label of each image's stratum, shape (N,); a missing label (None, NaN) compares with
        nothing.

    Returns
    -------
    p
        Shape (N,), in (0, 1]; NaN where the target is NaN or its stratum has no placebo.
    k
        Number of placebos compared with, shape (N,).

    Raises
    ------
    ZollstockError
        If the shapes do not fit.
    """
    values, draws = as_target_and_placebos(target, placebos)
    labels = np.asarray(strata, dtype=object)
    if labels.shape != values.shape:
        raise ZollstockError(
            "strata", f"shape {labels.shape}", f"{values.shape}", "Name one stratum per image."
        )
    codes, _ = pd.factorize(labels)
    limits = threshold(values)
    p, k = np.full(len(values), np.nan), np.zeros(len(values), np.int64)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-2))
    for rows in np.split(order, starts[1:]):
        if not rows.size or codes[rows[0]] < 0:
            continue
        # A stratum of all images is not copied; NaN limits sort last and are overwritten.
        exceed, number = _exceedances(limits[rows], _rows(draws, rows))
        known = np.isfinite(values[rows]) & (number > 0)
        p[rows] = np.where(known, (1 + exceed) / (1 + number), np.nan)
        k[rows] = number
    return p, k


def _rows(draws: npt.NDArray[Any], rows: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
    if len(rows) == len(draws):
        return draws  # the counts are the same in any order of the draws
    chosen: npt.NDArray[Any] = draws[rows]
    return chosen


def resolution(k: npt.ArrayLike) -> Array | float:
    """Return 1/(k + 1), the smallest p that k placebos can give."""
    smallest: Array | float = 1.0 / (np.asarray(k) + 1.0)
    return smallest
