"""The difference of means with and without a segment, with a confidence interval."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Array, Flags
from zollstock.locate.attributers import Ends
from zollstock.locate.sides import sides


def attribute(y: Array, z: Flags, settings: Mapping[str, Any], ends: Ends) -> Array:
    """Return the mean of the samples that keep a segment less that of those that do not.

    NaN for a segment that is always or never kept.
    """
    return sides(y, z).difference


def interval(y: Array, z: Flags, settings: Mapping[str, Any], ends: Ends) -> tuple[Array, Array]:
    """Return the interval of ``confidence`` about each difference, by Welch's t.

    It speaks of other samples of the same picture, one segment at a time. NaN where a side has
    fewer than two samples; of no width where neither side varies.
    """
    from scipy.stats import t

    found = sides(y, z)
    quantile = t.ppf((1 + settings["confidence"]) / 2, np.nan_to_num(found.freedom, nan=1.0))
    half = np.where(found.error == 0, 0.0, quantile * found.error)
    return found.difference - half, found.difference + half
