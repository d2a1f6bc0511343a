"""Another picture: one for all samples, or a random one for each."""

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
    """Return the pictures that were handed in: the first, or one drawn for ``each`` sample.

    One for each image is the first of those that are handed in for that image.
    """
    pictures = context.need("pictures", image.shape[:2]).astype(np.float32)
    if not settings["each"]:
        return Fill(pictures[:1])
    return Fill(pictures, rng.integers(0, len(pictures), size=context.samples))
