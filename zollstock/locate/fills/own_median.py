"""Each segment's own median colour."""

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
    """Return a picture of segments, each in the median of each channel over its pixels."""
    order = np.argsort(labels.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(labels.ravel()))[:-1]
    pixels = np.split(image.reshape(-1, 3)[order], ends)
    medians = np.stack([np.median(own, axis=0) for own in pixels])
    return Fill(medians[labels][None].astype(np.float32))
