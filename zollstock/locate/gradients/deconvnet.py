"""Deconvnet (Zeiler & Fergus 2014): what goes back is rectified, whatever came forward.

At a ReLU the signal that goes back is set to 0 where it is below 0, and nowhere else: of the
picture it knows only which places won in max pooling.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps, as_maps
from zollstock.locate.rectified import rectified_gradients

Gradients = tuple[torch.Tensor | None, ...]


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return the rectified signal summed over channels; errors as `rectified_gradients`."""
    return as_maps(rectified_gradients(model, model.pixels(frames), _deconvolve, "deconvnet"))


def _deconvolve(node: Any) -> None:  # noqa: ANN401
    node.register_hook(_rectify)


def _rectify(found: Gradients, received: Gradients) -> Gradients:
    signal = received[0]
    return (None if signal is None else signal.clamp(min=0), *found[1:])
