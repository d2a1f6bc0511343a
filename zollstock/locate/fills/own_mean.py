"""Each segment's own mean colour."""

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
    """Return a picture of segments, each in the mean colour of its pixels."""
    sums = [np.bincount(labels.ravel(), image[..., c].ravel()) for c in range(3)]
    means = np.stack(sums, 1) / np.bincount(labels.ravel())[:, None]
    return Fill(means[labels][None].astype(np.float32))
