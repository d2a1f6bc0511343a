"""What the placebo test compares: how far a path moved the prediction.

A path is looked at in as many frames as its placebos have, and in its reference, the picture that
is not edited. All are real frames, none is interpolated, so that a statistic which depends on the
number of frames, or on their jitter, is that of equals.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.profiles import compared_steps

Compared = Callable[[Array, Array], Array]

DEGREE = 3
"""Of the polynomial that `smooth` sees."""


def thinned(series: npt.ArrayLike, axis: npt.ArrayLike, most: int) -> Array:
    """Return each path at up to `most` of its steps, (N, min(S, most)).

    Parameters
    ----------
    series
        Followed output, shape (N, S).
    axis
        Shape (N, S); NaN at unused steps, which are trailing.
    most
        How many steps are compared; see `zollstock.profiles.compared_steps`.

    Returns
    -------
    ndarray
        Padded with NaN where a path has fewer steps.
    """
    values, used = np.asarray(series, np.float64), np.isfinite(np.asarray(axis, np.float64))
    result = np.full((len(values), min(most, values.shape[1])), np.nan)
    for row, count in enumerate(used.sum(axis=1)):
        if count:
            steps = compared_steps(int(count), most)
            result[row, : len(steps)] = values[row][used[row]][steps]
    return result


def _whole(p: Array, reference: Array) -> tuple[Array, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the values (N, T), rows that have a statistic, and how many frames each row has.

    Unused frames are the trailing ones without a number; a number missing before, or two frames
    too few, leave a row out.
    """
    values = np.asarray(p, np.float64)
    finite = np.isfinite(values)
    count = np.where(finite.any(axis=1), values.shape[1] - finite[:, ::-1].argmax(axis=1), 0)
    whole = (finite.sum(axis=1) == count) & (count >= 2) & np.isfinite(reference)
    return values, np.flatnonzero(whole), count


def net(p: Array, reference: Array) -> Array:
    """Return |p_last − p_first| of each path, shape (N,).

    Parameters
    ----------
    p
        Followed output at the compared frames, (N, T), NaN at unused trailing ones.
    reference
        Of the picture that is not edited, (N,).

    Returns
    -------
    ndarray
        NaN where a number is missing or fewer than two frames are there.
    """
    values, rows, count = _whole(p, reference)
    result = np.full(len(values), np.nan)
    result[rows] = np.abs(values[rows, count[rows] - 1] - values[rows, 0])
    return result


def span(p: Array, reference: Array) -> Array:
    """Return max − min of each path, its reference included, shape (N,). Arguments as in `net`."""
    values, rows, _ = _whole(p, reference)
    result = np.full(len(values), np.nan)
    if len(rows):
        all_of = np.column_stack([values[rows], np.asarray(reference, np.float64)[rows]])
        result[rows] = np.nanmax(all_of, axis=1) - np.nanmin(all_of, axis=1)
    return result


def smooth(p: Array, reference: Array) -> Array:
    """Return how far the smooth part of each path strays from its mean, shape (N,).

    sqrt(Σ_{d=1..D} c_d²/T), with c_d the coefficients of the orthonormal polynomials of degree d
    over the compared frames: the root mean square of the least-squares polynomial about its mean.
    D is 3, or (T + 1)/2 of fewer frames. It sees a drift, one turn and two, and averages jitter
    that is independent from frame to frame. Arguments as in `net`.
    """
    values, rows, count = _whole(p, reference)
    result = np.full(len(values), np.nan)
    for number in np.unique(count[rows]):
        same = rows[count[rows] == number]
        degree = min(DEGREE, (int(number) + 1) // 2)
        basis = np.polynomial.legendre.legvander(np.linspace(-1, 1, number), degree)
        directions = np.linalg.qr(basis)[0][:, 1:]
        shares = values[same, :number] @ directions
        result[same] = np.sqrt((shares**2).sum(axis=1) / number)
    return result


PLACEBO_STATISTICS: dict[str, Compared] = {"net": net, "range": span, "smooth": smooth}


def compared_statistic(name: str) -> Compared:
    """Return a statistic by its name.

    Raises
    ------
    ZollstockError
        If there is none of that name.
    """
    if name not in PLACEBO_STATISTICS:
        raise ZollstockError(
            "statistic",
            repr(name),
            f"one of {', '.join(PLACEBO_STATISTICS)}",
            "Total variation is not among them: jitter hides a drift from it.",
        )
    return PLACEBO_STATISTICS[name]


def moved(series: npt.ArrayLike, name: str, most: int) -> Array:
    """Return a statistic of whole paths (N, S) whose reference is their first step, shape (N,).

    Parameters
    ----------
    series
        Followed output along the paths.
    name
        Key of `PLACEBO_STATISTICS`.
    most
        At how many steps a path is looked at.
    """
    values = np.asarray(series, np.float64)
    axis = np.broadcast_to(np.arange(values.shape[1], dtype=np.float64), values.shape)
    return compared_statistic(name)(thinned(values, axis, most), values[:, 0])
