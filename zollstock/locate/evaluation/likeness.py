"""How alike two maps of a picture are.

Distances are in units of the first map, by its largest absolute value: 0 stays 0 and signs stay.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.ranks import spearman

MEASURES = ("l1", "l2", "cosine", "ssim", "pearson", "spearman")
_SIGMA, _REACH = 1.5, 5  # of SSIM's Gaussian, as published


def likeness(one: npt.ArrayLike, other: npt.ArrayLike) -> dict[str, float]:
    """Return all `MEASURES` of two maps, (H, W).

    ``l1``: mean absolute difference; ``l2``: root of the mean squared difference; ``cosine``;
    ``ssim`` (Wang et al. 2004) with the first map's range as the range of values; ``pearson`` and
    ``spearman``. Pixels where either map has no value are left out, of ``ssim`` they count as 0.
    NaN where a measure means nothing: of maps of zeros or of equal values.

    Raises
    ------
    ZollstockError
        If the maps differ in shape.
    """
    first, second = np.asarray(one, np.float64), np.asarray(other, np.float64)
    if first.shape != second.shape or first.ndim != 2:
        raise ZollstockError(
            "maps", f"have shapes {first.shape} and {second.shape}", "(H, W) both", "Resize one."
        )
    both = np.isfinite(first) & np.isfinite(second)
    a, b = first[both], second[both]
    scale = float(np.abs(a).max()) if a.size else 0.0
    if not scale:
        return dict.fromkeys(MEASURES, float("nan"))
    apart = (a - b) / scale
    return {
        "l1": float(np.abs(apart).mean()),
        "l2": float(np.sqrt((apart**2).mean())),
        "cosine": _quotient(float((a * b).sum()), float(np.sqrt((a**2).sum() * (b**2).sum()))),
        "ssim": ssim(np.where(both, first, 0), np.where(both, second, 0)),
        "pearson": pearson(a, b),
        "spearman": spearman(a, b),
    }


def mean_likeness(one: npt.ArrayLike, others: Sequence[npt.ArrayLike]) -> dict[str, float]:
    """Return the means of all `MEASURES` of a map and of others; NaN where one is."""
    found = [likeness(one, other) for other in others]
    return {name: float(np.mean([one[name] for one in found])) for name in MEASURES}


def pearson(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Return the correlation of two rows of numbers; NaN where either is constant."""
    a, b = (np.asarray(side, np.float64) for side in (one, other))
    if not a.size or not np.ptp(a) or not np.ptp(b):
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    return _quotient(float((a * b).sum()), float(np.sqrt((a**2).sum() * (b**2).sum())))


def ssim(one: Array, other: Array) -> float:
    """Return the structural similarity of two maps of more than 10 pixels a side, else NaN."""
    from scipy.ndimage import gaussian_filter

    span = float(np.ptp(one))
    if not span or min(one.shape) <= 2 * _REACH:
        return float("nan")

    def smooth(values: Array) -> Array:
        return np.asarray(gaussian_filter(values, _SIGMA, radius=_REACH, mode="reflect"))

    mean_a, mean_b = smooth(one), smooth(other)
    var_a = smooth(one * one) - mean_a**2
    var_b = smooth(other * other) - mean_b**2
    joint = smooth(one * other) - mean_a * mean_b
    low, high = (0.01 * span) ** 2, (0.03 * span) ** 2
    found = ((2 * mean_a * mean_b + low) * (2 * joint + high)) / (
        (mean_a**2 + mean_b**2 + low) * (var_a + var_b + high)
    )
    # Near the rim the window holds mirrored pixels.
    return float(found[_REACH:-_REACH, _REACH:-_REACH].mean())


def _quotient(one: float, other: float) -> float:
    return one / other if other else float("nan")
