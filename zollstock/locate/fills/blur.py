"""The picture, blurred."""

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
    """Return the picture under a Gaussian of ``sigma`` pixels, else of 0.05 of the shorter side."""
    from scipy.ndimage import gaussian_filter

    sigma = settings["sigma"]
    sigma = 0.05 * min(image.shape[:2]) if sigma is None else sigma
    blurred = gaussian_filter(image.astype(np.float32), (sigma, sigma, 0), mode="reflect")
    return Fill(blurred[None])
