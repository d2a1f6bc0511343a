"""The same segment of another frame of the path: a counterfactual fill."""

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
    """Return the frame that was handed in: what is taken away is put there as the edit left it."""
    return Fill(context.need("frame", image.shape[:2])[None].astype(np.float32))
