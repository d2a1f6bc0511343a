"""A label picture of the user's."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.locate.context import Context


def segment(image: npt.NDArray[np.uint8], settings: Mapping[str, Any], context: Context) -> Indices:
    """Return what was handed in as ``labels``."""
    found: Indices = context.need("labels", image.shape[:2])
    return found
