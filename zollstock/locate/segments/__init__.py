"""Segmenters: a module each, found by its name.

A module offers ``segment(image, settings, context) -> labels``: of a picture, uint8, (H, W, 3),
plain settings and a `zollstock.locate.context.Context` to integers, (H, W), which number the
segments. Use `segments_of`, which makes the numbers gap-free.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.entries import find_entry
from zollstock.locate.context import Context


def segments_of(
    image: npt.NDArray[np.uint8], settings: Mapping[str, Any], context: Context | None = None
) -> Indices:
    """Return a picture's segments.

    Parameters
    ----------
    image
        uint8, shape (H, W, 3).
    settings
        ``name`` of the segmenter, and its settings.
    context
        What belongs to the picture, for segmenters that need it.

    Returns
    -------
    ndarray of int, shape (H, W)
        0 … M − 1 without gaps; a segmenter may find fewer segments than were asked for.

    Raises
    ------
    ZollstockError
        If there is no such segmenter, or if it lacks something.
    """
    import zollstock.locate.segments as registry

    segmenter = find_entry(registry, settings["name"])
    return without_gaps(segmenter.segment(image, settings, context or Context()))


def without_gaps(labels: npt.NDArray[Any]) -> Indices:
    """Return the same segments numbered 0 … M − 1, in the order of their old numbers."""
    _, numbers = np.unique(labels, return_inverse=True)
    return numbers.reshape(labels.shape).astype(np.intp)
