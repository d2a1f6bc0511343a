"""Samples with a segment against those without it: means, spreads, counts."""

from dataclasses import dataclass

import numpy as np

from zollstock.arrays import Array, Flags
from zollstock.locate.attributers import ratio


@dataclass(frozen=True)
class Sides:
    """Both sides of every segment.

    Attributes
    ----------
    difference
        Mean with the segment less mean without it, (M, K); NaN where a side has no sample.
    error
        Its standard error, √(s²₁/n₁ + s²₀/n₀), (M, K); NaN where a side has fewer than two.
    freedom
        Welch's degrees of freedom, (M, K); NaN where the error is 0 or NaN.
    """

    difference: Array
    error: Array
    freedom: Array


def sides(y: Array, z: Flags) -> Sides:
    """Return the two sides of every segment, of outputs (N, K) and kept segments (N, M)."""
    if not len(y):
        nothing = np.full((z.shape[1], y.shape[1]), np.nan)
        return Sides(nothing, nothing, nothing)
    # About a middle, so that little is lost in the difference of squares.
    left = y - y.mean(0)
    left[:, np.ptp(y, axis=0) == 0] = 0.0
    means, shares, parts = [], [], []
    for kept in (z.astype(float), (~z).astype(float)):
        count = kept.sum(0)[:, None]
        mean = ratio(kept.T @ left, count)
        square = np.maximum(ratio(kept.T @ left**2, count) - mean**2, 0)
        # What is left of equal numbers is rounding.
        square = np.where(square <= 1e-15 * (left**2).max(0), 0.0, square)
        share = ratio(square, np.broadcast_to(count - 1, square.shape))
        share = np.where(count > 1, share, np.nan)
        means.append(mean)
        shares.append(share)
        parts.append(ratio(share**2, np.broadcast_to(count - 1, share.shape)))
    variance = shares[0] + shares[1]
    return Sides(means[0] - means[1], np.sqrt(variance), ratio(variance**2, parts[0] + parts[1]))
