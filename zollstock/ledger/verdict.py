"""Whether an edit did what its name says: numbers per path, and flags where it did not."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from zollstock.ledger import series
from zollstock.ledger.base import Series
from zollstock.ranks import spearman

Flag = Literal[
    "entangled",
    "failed",
    "flat",
    "identity_lost",
    "not_monotone",
    "reversed",
    "saturated",
    "unmeasured",
]
FLAGS: dict[Flag, str] = {
    "entangled": "something else moved along: off the target, or outside of its mask",
    "failed": "the engine gave no frames",
    "flat": "the target did not move",
    "identity_lost": "the edges of the picture are gone: it is another picture",
    "not_monotone": "the target goes back and forth along the axis",
    "reversed": "the target moves against the expected direction",
    "saturated": "a long end of the axis changes the target no more",
    "unmeasured": "no meter says whether the target moved",
}
"""What each flag means."""

FEWEST = 3
"""Steps with a finite value that a verdict on the target needs."""


@dataclass(frozen=True)
class Thresholds:
    """From where on a path is flagged; the defaults are those of the settings.

    Attributes
    ----------
    min_range
        `flat`: the target's range is below this.
    max_saturation
        `saturated`: the flat tail is more than this share of the axis.
    min_spearman
        `not_monotone`: |Spearman| before the flat tail is below this.
    max_off_target
        `entangled`: the range off the target is more than this share of the target's; of a
        flat path, whose share says nothing, if it is at least `min_range`.
    max_collateral
        `entangled`: the mean pixel change outside the target exceeds this, in [0, 1].
    min_edge_correlation
        `identity_lost`: a frame keeps less of the zero frame's or the source's edges. An exact
        change of fur or background keeps 0.6 and more, another animal has 0.2.
    """

    min_range: float
    max_saturation: float
    min_spearman: float
    max_off_target: float
    max_collateral: float
    min_edge_correlation: float


@dataclass(frozen=True)
class Movement:
    """How a meter moved along one path; NaN where a number is not to be had.

    Attributes
    ----------
    steps
        Steps with a finite value.
    target_change
        Value at the axis's largest value less that at its smallest.
    target_range
        Largest less smallest value.
    covered
        Share of the exact range, see `zollstock.ledger.series.covered_share`.
    spearman
        Rank correlation with the axis.
    spearman_moving
        The same without the flat tails, whose ties and rounding would blur it.
    saturation
        Share of the axis in the flat tail, see `zollstock.ledger.series.flat_tails`.
    off_target_range
        Range of what should not have moved.
    off_target_share
        That range over the target's.
    """

    steps: int
    target_change: float
    target_range: float
    covered: float
    spearman: float
    spearman_moving: float
    saturation: float
    off_target_range: float
    off_target_share: float


def without_ends(moved: Movement) -> Movement:
    """Return a movement without what needs a first and a last frame."""
    nan = float("nan")
    return replace(moved, target_change=nan, spearman=nan, spearman_moving=nan, saturation=nan)


def movement(
    axis: Series, values: Series, off_target: Series, zero: int, truth: Series | None = None
) -> Movement:
    """Return how a meter moved; steps without a finite value are passed over.

    Parameters
    ----------
    axis
        Shape (S,), rising or falling.
    values
        Of the meter, shape (S,).
    off_target
        Of what should not move, shape (S,).
    zero
        The step nearest to the unedited image.
    truth
        The meter's series of an exact path, of any length.
    """
    known = np.isfinite(values)
    off_range = series.value_range(off_target[np.isfinite(off_target)])
    nan = float("nan")
    if not known.any():
        return Movement(0, nan, nan, nan, nan, nan, nan, off_range, nan)
    # The zero step itself may be without a value; the known step nearest to it stands in.
    nearest = int(np.abs(np.flatnonzero(known) - zero).argmin())
    axis, values = axis[known], values[known]
    wide = series.value_range(values)
    saturation, moving = series.flat_tails(axis, values, nearest)
    return Movement(
        steps=len(values),
        target_change=float(values[axis.argmax()] - values[axis.argmin()]),
        target_range=wide,
        covered=nan if truth is None else series.covered_share(values, truth),
        spearman=spearman(axis, values),
        spearman_moving=spearman(axis[moving], values[moving]),
        saturation=saturation,
        off_target_range=off_range,
        off_target_share=off_range / wide if wide > 0 else nan,
    )


def flags(
    moved: Movement,
    collateral: float,
    edges: float,
    thresholds: Thresholds,
    direction: Literal[-1, 1] | None = None,
) -> list[Flag]:
    """Return the flags of a path in alphabetical order.

    A flat path is neither saturated, reversed nor not monotone: those speak of a movement.
    NaN raises no flag.

    Parameters
    ----------
    moved
        Of the meter.
    collateral
        Largest pixel change outside the target.
    edges
        Smallest edge correlation.
    thresholds
        From where on a path is flagged.
    direction
        +1 if the meter should rise with the axis, −1 if it should fall, None if either will do.
    """
    found: set[Flag] = set()
    if moved.steps < FEWEST:
        found.add("unmeasured")
    elif moved.target_range < thresholds.min_range:
        found.add("flat")
        if moved.off_target_range >= thresholds.min_range:
            found.add("entangled")
    else:
        if moved.saturation > thresholds.max_saturation:
            found.add("saturated")
        if abs(moved.spearman_moving) < thresholds.min_spearman:
            found.add("not_monotone")
        if direction is not None and moved.spearman * direction < 0:
            found.add("reversed")
        if moved.off_target_share > thresholds.max_off_target:
            found.add("entangled")
    if collateral > thresholds.max_collateral:
        found.add("entangled")
    if edges < thresholds.min_edge_correlation:
        found.add("identity_lost")
    return sorted(found)
