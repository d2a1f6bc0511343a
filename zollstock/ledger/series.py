"""The shape of a meter's series along the axis: monotone or not, flat at its ends, how wide."""

import numpy as np

from zollstock.ledger.base import Series

TAIL = 0.02
"""Within this share of the path's range, the meter has reached its end value."""


def value_range(values: Series) -> float:
    """Return the largest less the smallest value; NaN if there is none."""
    return float(np.ptp(values)) if len(values) else float("nan")


def covered_share(values: Series, truth: Series) -> float:
    """Return the share of the exact range that a series covers, in [0, 1].

    |[min v, max v] ∩ [min t, max t]| / (max t − min t) with v the values and t the exact ones,
    which may have another number of steps. NaN if the exact series does not move.
    """
    truth = truth[np.isfinite(truth)]
    if not len(values) or not len(truth) or np.ptp(truth) == 0:
        return float("nan")
    low, high = max(values.min(), truth.min()), min(values.max(), truth.max())
    return float(max(0.0, high - low) / np.ptp(truth))


def flat_tails(axis: Series, values: Series, zero: int) -> tuple[float, np.ndarray]:
    """Return how much of the axis does nothing more, and the steps that do something.

    From the zero step outwards the meter comes within 2 % of the path's range of the value it
    has at the end, and stays there: the rest of that side is its flat tail. A two-sided axis
    has two sides, each measured by its own length.

    Parameters
    ----------
    axis
        Shape (S,), rising or falling.
    values
        Finite, shape (S,).
    zero
        The zero step.

    Returns
    -------
    share
        The longer tail's share of its side, in [0, 1]; 1 for a side that is flat from the
        start, NaN for fewer than two steps.
    moving
        The steps that are not beyond the start of a tail, rising; int, shape (M,).
    """
    tolerance = TAIL * value_range(values)
    shares, moving = [], [np.array([zero])]
    for side in (np.arange(zero, len(values)), np.arange(zero, -1, -1)):
        if len(side) < 2:
            continue
        away = np.flatnonzero(np.abs(values[side] - values[side[-1]]) > tolerance)
        start = int(away[-1]) + 1 if len(away) else 0
        length = abs(axis[side[-1]] - axis[side[0]])
        shares.append(float(abs(axis[side[-1]] - axis[side[start]]) / length))
        moving.append(side[: start + 1])
    return max(shares, default=float("nan")), np.unique(np.concatenate(moving))
