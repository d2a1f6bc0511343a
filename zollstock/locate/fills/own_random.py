"""A random colour for each segment."""

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
    """Return a picture of segments, each in a colour of its own, drawn from the cube of colours."""
    drawn = rng.integers(0, 256, size=(int(labels.max()) + 1, 3))
    return Fill(drawn[labels][None].astype(np.float32))
