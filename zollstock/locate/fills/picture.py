"""Another picture: one for all samples, or of several a random one for each."""

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
    """Return the pictures that were handed in, of several one drawn for each sample."""
    pictures = context.need("pictures", image.shape[:2]).astype(np.float32)
    if len(pictures) == 1:
        return Fill(pictures)
    return Fill(pictures, rng.integers(0, len(pictures), size=context.samples))
