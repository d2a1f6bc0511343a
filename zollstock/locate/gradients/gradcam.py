"""Grad-CAM (Selvaraju et al. 2017), with its sign: the ReLU at its end is left out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps
from zollstock.locate.layers import find_layer, maps_of


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return Σ_c α_c·A_c of a layer's maps A_c, α_c the mean of ∂y/∂A_c over places.

    It is interpolated to the picture's size, bilinearly.

    Parameters
    ----------
    model, frames
        See `zollstock.locate.gradients`.
    settings
        ``layer``: a name of the module's; None takes the last one with maps that the output
        hangs on.
    seed
        Not needed.

    Raises
    ------
    ZollstockError
        If there is no such layer, or none with maps.
    """
    pixels = model.pixels(frames)
    layer = find_layer(model, pixels[:1], settings.get("layer"))
    size = (int(pixels.shape[1]), int(pixels.shape[2]))

    def step(part: torch.Tensor) -> tuple[torch.Tensor, ...]:
        maps, slopes = maps_of(model, part, layer)
        weights = slopes.mean((2, 3), keepdim=True)
        coarse = (weights * maps).sum(1, keepdim=True)
        fine = torch.nn.functional.interpolate(coarse, size, mode="bilinear", align_corners=False)
        return (fine[:, 0],)

    found: Maps = model.network.in_batches(step, pixels)[0].float().cpu().numpy()
    return found
