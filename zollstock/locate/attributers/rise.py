"""RISE: the mean output of the samples that keep a segment."""

from collections.abc import Mapping
from typing import Any

from zollstock.arrays import Array, Flags
from zollstock.locate.attributers import Ends, ratio

PER_PIXEL = True
"""Per pixel it is a formula of its own: Σ_n Y_n m_n(p) / Σ_n m_n(p)."""


def attribute(y: Array, z: Flags, settings: Mapping[str, Any], ends: Ends) -> Array:
    """Return Σ_n Y_n Z_nj / Σ_n Z_nj (Petsiuk et al. 2018, eq. 6, with the count of samples).

    NaN for a segment that no sample keeps.
    """
    kept = z.astype(float)
    return ratio(kept.T @ y, kept.sum(0)[:, None])
