"""Axes that close on themselves, as an angle does: the last frame meets the first.

Standard library only, since settings are checked by it.
"""

from math import copysign

SLACK = 1e-6
"""Share of a period that two ends may be off: values of an axis are often written rounded."""


def too_wide(start: float, stop: float, period: float) -> bool:
    """Return whether an axis goes round more than once."""
    return abs(stop - start) > period * (1 + SLACK)


def meets(start: float, stop: float, period: float) -> bool:
    """Return whether the last frame of an axis is its first one again."""
    return abs(stop - start) >= period * (1 - SLACK)


def end_of(start: float, stop: float, period: float) -> float:
    """Return where an axis that runs from `start` towards `stop` is at its start again."""
    return start + copysign(period, stop - start)
