"""Watershed of the gradient, from evenly spread markers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.locate.context import Context


def segment(image: npt.NDArray[np.uint8], settings: Mapping[str, Any], context: Context) -> Indices:
    """Return about ``number`` basins of the brightness's Sobel gradient."""
    from skimage.color import rgb2gray
    from skimage.filters import sobel
    from skimage.segmentation import watershed

    found: Indices = watershed(
        sobel(rgb2gray(image)), markers=settings["number"], compactness=settings["compactness"]
    )
    return found
