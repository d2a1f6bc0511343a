"""Steps where something happens: the axis is refined where neighbouring frames differ most."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Measure = Callable[[NDArray[np.uint8]], NDArray[np.float64]]
"""From frames (n, H, W, 3) to numbers (n, k) whose change along the axis counts."""

FIRST = 5
"""Evenly spaced steps before any is inserted: a change inside one quarter is not missed."""


def pixels(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the frames themselves as numbers in [0, 1]; changes are then of mean pixels."""
    return frames.reshape(len(frames), -1).astype(np.float64) / 255.0


def refine(
    frames_at: Callable[[NDArray[np.float64]], NDArray[np.uint8]],
    start: float,
    stop: float,
    budget: int,
    tolerance: float,
    measure: Measure | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Make frames at evenly spaced values, then halve the intervals of largest change.

    The change over an interval is the mean over k of |m(right) − m(left)|. A piecewise-linear
    curve errs by at most that much inside a monotone interval, so it is the curve's error
    estimate. Each round halves the worst few intervals at once, so that an editor can make
    their frames in one batch.

    Parameters
    ----------
    frames_at
        Makes the frames for values of the axis.
    start, stop
        Ends of the axis.
    budget
        Most frames.
    tolerance
        Largest change between neighbours that is accepted.
    measure
        What is compared; by default `pixels`.

    Returns
    -------
    values
        Ascending, shape (S,), S ≤ budget.
    frames
        uint8, shape (S, H, W, 3).
    """
    measure = measure or pixels
    values = np.linspace(start, stop, min(FIRST, budget))
    frames = frames_at(values)
    measured = measure(frames)
    while len(values) < budget:
        change = np.abs(np.diff(measured, axis=0)).mean(axis=1)
        room = min(FIRST - 1, budget - len(values))
        # A stable order: of equal changes the first interval is halved first.
        worst = np.argsort(-change, kind="stable")[:room]
        worst = np.sort(worst[change[worst] > tolerance])
        if not len(worst):
            break
        between = (values[worst] + values[worst + 1]) / 2
        made = frames_at(between)
        values = np.concatenate([values, between])
        frames = np.concatenate([frames, made])
        measured = np.concatenate([measured, measure(made)])
        order = np.argsort(values)
        values, frames, measured = values[order], frames[order], measured[order]
    return values, frames
