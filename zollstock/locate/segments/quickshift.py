"""Quickshift (Vedaldi & Soatto 2008)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.locate.context import Context


def segment(image: npt.NDArray[np.uint8], settings: Mapping[str, Any], context: Context) -> Indices:
    """Return segments that are modes of colour and place; ties are broken by a fixed seed."""
    from skimage.segmentation import quickshift

    found: Indices = quickshift(
        image,
        kernel_size=settings["kernel"],
        max_dist=settings["distance"],
        ratio=settings["ratio"],
        rng=0,
        channel_axis=-1,
    )
    return found
