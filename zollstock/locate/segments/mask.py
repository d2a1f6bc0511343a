"""Inside and outside of a property's mask."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.locate.context import Context


def segment(image: npt.NDArray[np.uint8], settings: Mapping[str, Any], context: Context) -> Indices:
    """Return 1 inside of the mask and 0 outside; one segment where the mask has one side."""
    mask = context.need("mask", image.shape[:2])
    half = np.iinfo(mask.dtype).max / 2 if mask.dtype.kind in "iu" else 0.5
    return (mask > half).astype(np.intp)
