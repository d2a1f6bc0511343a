"""A probability of its own for each sample."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Array, Flags


def number(m: int, settings: Mapping[str, Any]) -> int:
    """Return how many samples are drawn."""
    return int(settings["number"])


def draw(m: int, settings: Mapping[str, Any], rng: np.random.Generator) -> Flags:
    """Draw each sample's probability of keeping a segment, then its segments.

    Samples of few and of many segments are then as frequent as the distribution has them, where
    one probability for all gives samples of about half of the segments alone.
    """
    kept = probabilities(settings["distribution"], settings["number"], rng)
    return rng.random((settings["number"], m)) < kept[:, None]


def probabilities(distribution: str, number: int, rng: np.random.Generator) -> Array:
    """Draw probabilities.

    Parameters
    ----------
    distribution
        ``uniform``; ``normal`` of mean 0.5 and standard deviation 1, cut to [0, 1]; or ``beta``,
        with both parameters 1.5.
    number
        How many.
    rng
        The source of chance.
    """
    if distribution == "beta":
        return rng.beta(1.5, 1.5, number)
    share = rng.random(number)
    if distribution == "uniform":
        return share
    from scipy.special import ndtr, ndtri

    least, most = ndtr(-0.5), ndtr(0.5)
    found: Array = 0.5 + ndtri(least + share * (most - least))
    return np.clip(found, 0, 1)
