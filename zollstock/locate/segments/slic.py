"""SLIC superpixels (Achanta et al. 2012)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.locate.context import Context


def segment(image: npt.NDArray[np.uint8], settings: Mapping[str, Any], context: Context) -> Indices:
    """Return about ``number`` segments of alike colour, often fewer; grey pictures will do."""
    from skimage.segmentation import slic

    found: Indices = slic(
        image,
        n_segments=settings["number"],
        compactness=settings["compactness"],
        start_label=0,
        channel_axis=-1,
    )
    return found
