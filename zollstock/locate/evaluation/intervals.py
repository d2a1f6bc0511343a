"""Means over images with intervals."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.significance.intervals import hierarchical_bootstrap


class OverImages(NamedTuple):
    """A mean over images.

    Attributes
    ----------
    n
        How many values there are.
    mean
        Over images, of the mean of each one's values; NaN without any.
    low, high
        Ends of its 95 % percentile bootstrap interval; NaN for fewer than two images.
    """

    n: int
    mean: float
    low: float
    high: float


def over_images(values: npt.ArrayLike, images: npt.ArrayLike, *seed: object) -> OverImages:
    """Return the mean over images, each of which weighs the same however many values it has.

    Parameters
    ----------
    values
        Shape (M,); NaN is left out.
    images
        The image of each value, (M,).
    *seed
        Names the draws. The same images are drawn alike, so that intervals of several methods on
        the same images differ by the methods.
    """
    numbers, names = np.asarray(values, np.float64), np.asarray(images).astype(str)
    finite = np.isfinite(numbers)
    if not finite.any():
        return OverImages(0, *[float("nan")] * 3)
    mean = float(pd.Series(numbers[finite]).groupby(names[finite]).mean().mean())
    return OverImages(int(finite.sum()), mean, *hierarchical_bootstrap(numbers, names, *seed))
