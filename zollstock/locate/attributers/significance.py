"""A t-test of the samples that keep a segment against those that do not."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Array, Flags
from zollstock.locate.attributers import Ends, ratio
from zollstock.locate.sides import sides


def attribute(y: Array, z: Flags, settings: Mapping[str, Any], ends: Ends) -> Array:
    """Return Welch's t, or what its one-sided p says.

    ``value``: ``t``, or ``confidence``: 1 − 2 p with p of the test that keeping the segment raises
    the output; 1 where it surely does, −1 where it surely lowers it. Both are 0 where neither
    side varies and both are equal, and NaN where a side has fewer than two samples or where
    neither varies but they differ, since t has no bound then.
    """
    from scipy.stats import t

    found = sides(y, z)
    score = ratio(found.difference, found.error)
    equal = (found.error == 0) & (np.abs(found.difference) <= 1e-12 * np.abs(y).max(initial=0.0))
    score = np.where(equal, 0.0, score)
    if settings["value"] == "t":
        return score
    sure: Array = 2 * t.cdf(score, np.nan_to_num(found.freedom, nan=1.0)) - 1
    return sure
