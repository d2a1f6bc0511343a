"""The gradient itself, with its sign (Simonyan et al. 2014)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps, as_maps


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return ∂y/∂x summed over channels: change of the output for one more grey level."""
    return as_maps(model.gradients(model.pixels(frames))[1])
