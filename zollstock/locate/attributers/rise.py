"""RISE: the mean output of the samples that keep a segment."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Array, Flags
from zollstock.locate.attributers import Ends, ratio


def attribute(y: Array, z: Flags, settings: Mapping[str, Any], ends: Ends) -> Array:
    """Return Σ_n Y_n Z_nj / Σ_n Z_nj (Petsiuk et al. 2018, eq. 6, with the count of samples).

    That is an output, not a difference: positive even where the segment does nothing. With the
    ``baseline`` ``mean`` the mean of Y over all samples is taken off, which gives it a sign and
    keeps the order; with ``none`` it is as published. NaN for a segment that no sample keeps.
    """
    kept = z.astype(float)
    return ratio(kept.T @ y, kept.sum(0)[:, None]) - baseline(y, settings)


def baseline(y: Array, settings: Mapping[str, Any]) -> Array:
    """Return what is taken off, (K,). That this is here says that a map is a quotient too.

    Per pixel RISE is Σ_n Y_n m_n(p) / Σ_n m_n(p) less the baseline, which is no weighted mean of
    the numbers of segments.
    """
    if settings["baseline"] == "none" or not len(y):
        return np.zeros(y.shape[1])
    mean: Array = y.mean(0)
    return mean
