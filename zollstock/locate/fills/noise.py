"""Noise with the picture's colours."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.locate.context import Context
from zollstock.locate.fills import Fill


def fill(
    image: npt.NDArray[np.uint8],
    labels: Indices,
    settings: Mapping[str, Any],
    rng: np.random.Generator,
    context: Context,
) -> Fill:
    """Return pictures of noise, one of which is drawn for each sample.

    Each pixel is drawn on its own, from normal distributions with the mean and the standard
    deviation of each channel, cut to 0 … 255. There are ``number`` pictures at most, so that
    memory does not grow with the samples.
    """
    number = min(settings["number"], context.samples)
    drawn = rng.standard_normal((number, *image.shape), np.float32)
    drawn = drawn * image.std((0, 1)) + image.mean((0, 1))
    chosen = rng.integers(0, number, size=context.samples)
    return Fill(np.clip(drawn, 0, 255).astype(np.float32), chosen)
