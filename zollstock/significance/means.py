"""Tests that means over images are 0."""

import numpy as np
from scipy.stats import t as student

from zollstock.arrays import Array


def p_of_means(values: Array) -> Array:
    """Return p of two-sided t-tests that means over images are 0, (K,); NaN for one image.

    What is 0 on every image has p = 1; what is the same other number on all leaves no doubt.

    Parameters
    ----------
    values
        Shape (N, K): of N images.
    """
    count = len(values)
    if count < 2:
        return np.full(values.shape[1], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = values.mean(0) / (values.std(0, ddof=1) / np.sqrt(count))
    p = 2 * student.sf(np.abs(np.nan_to_num(statistic)), count - 1)
    return np.clip(p, np.finfo(float).tiny, 1.0)
