"""Input × gradient (Shrikumar et al. 2016), of pixels from 0 to 255, so that black counts 0."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps, as_maps


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return x·∂y/∂x summed over channels."""
    pixels = model.pixels(frames)
    return as_maps(pixels * model.gradients(pixels)[1])
