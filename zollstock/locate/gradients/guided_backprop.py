"""Guided backpropagation (Springenberg et al. 2015): no negative gradient passes a ReLU.

What passes backward through a ReLU is set to 0 where it is below 0, and, as in the gradient, where
what the ReLU received is.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps, as_maps
from zollstock.locate.rectified import rectified_gradients


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return the guided gradient summed over channels; errors as `rectified_gradients`."""
    return as_maps(rectified_gradients(model, model.pixels(frames), _guide, "guided_backprop"))


def _guide(node: Any) -> None:  # noqa: ANN401
    node.register_prehook(_positive)


def _positive(gradients: tuple[torch.Tensor | None, ...]) -> tuple[torch.Tensor | None, ...]:
    return tuple(None if one is None else one.clamp(min=0) for one in gradients)
