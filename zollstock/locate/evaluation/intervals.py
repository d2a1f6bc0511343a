"""Means over images with intervals, of several methods on the same images."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.significance.intervals import hierarchical_bootstrap


@dataclass(frozen=True)
class Standing:
    """One method's mean over images, and how far it is from another's on the same images.

    Attributes
    ----------
    mean, low, high
        Over the images that have a value, with the percentile bootstrap's interval.
    images
        How many have one.
    difference, difference_low, difference_high
        Mean of the differences image by image (paired), over those where both have a value.
    pairs
        How many these are.
    """

    mean: float
    low: float
    high: float
    images: int
    difference: float
    difference_low: float
    difference_high: float
    pairs: int


def standings(
    values: Mapping[str, Mapping[str, float]],
    against: str,
    *seed: object,
    level: float = 0.95,
    draws: int = 2000,
) -> dict[str, Standing]:
    """Return where each method stands.

    Parameters
    ----------
    values
        Method → image → value; NaN and missing images are left out.
    against
        The method that all are compared with, e.g. the random floor.
    *seed
        Names the draws. Images are drawn alike for all methods with the same images.
    level, draws
        See `zollstock.significance.intervals.hierarchical_bootstrap`.

    Raises
    ------
    ZollstockError
        If there is no such method.
    """
    if against not in values:
        raise ZollstockError(
            "against",
            f"is '{against}'",
            f"one of {', '.join(values)}",
            did_you_mean(against, values),
        )
    found = {}
    for name, own in values.items():
        known = {image: value for image, value in own.items() if np.isfinite(value)}
        pairs = {
            image: value - values[against][image]
            for image, value in known.items()
            if np.isfinite(values[against].get(image, np.nan))
        }
        found[name] = Standing(
            *_interval(known, seed, level, draws), len(known),
            *_interval(pairs, seed, level, draws), len(pairs),
        )  # fmt: skip
    return found


def _interval(
    values: Mapping[str, float], seed: tuple[object, ...], level: float, draws: int
) -> tuple[float, float, float]:
    if not values:
        return (np.nan, np.nan, np.nan)
    numbers = list(values.values())
    low, high = hierarchical_bootstrap(numbers, list(values), *seed, level=level, draws=draws)
    return (float(np.mean(numbers)), low, high)
