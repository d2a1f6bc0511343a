"""Felzenszwalb and Huttenlocher (2004): a graph of pixels, cut where colours jump."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.locate.context import Context


def segment(image: npt.NDArray[np.uint8], settings: Mapping[str, Any], context: Context) -> Indices:
    """Return segments, the larger the larger ``scale``, of ``least`` pixels or more."""
    from skimage.segmentation import felzenszwalb

    found: Indices = felzenszwalb(
        image,
        scale=settings["scale"],
        sigma=settings["sigma"],
        min_size=settings["least"],
        channel_axis=-1,
    )
    return found
