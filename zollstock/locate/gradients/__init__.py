"""Gradient attributions: a module each, found by its name.

A module offers ``attribute(model, frames, settings, seed) -> maps``: of the followed output of a
`zollstock.locate.differentiable.GradientModel`, frames, uint8, (N, H, W, 3), plain settings and the
study's seed, float32 maps (N, H, W). They are signed: above 0 means that the place raises the
output; excitation backprop of a logit is never below 0. Channels are summed. What is drawn hangs on
the seed and on what the frame holds, never on its place in the batch. Use `gradient_maps`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.entries import find_entry
from zollstock.errors import ZollstockError
from zollstock.locate.differentiable import GradientModel

Maps = npt.NDArray[np.float32]


def gradient_maps(
    model: GradientModel,
    frames: npt.NDArray[np.uint8],
    settings: Mapping[str, Any],
    seed: int = 0,
) -> Maps:
    """Return the maps of some frames, float32, (N, H, W).

    Parameters
    ----------
    model
        The followed output; one for all frames.
    frames
        uint8, shape (N, H, W, 3), of the model's input size.
    settings
        ``name`` of the method, and its settings.
    seed
        Of the study.

    Raises
    ------
    ZollstockError
        If there is no such method, or it cannot be right for this model.
    """
    import zollstock.locate.gradients as registry

    if frames.ndim != 4 or not len(frames):
        raise ZollstockError(
            "frames", f"have shape {frames.shape}", "(N, H, W, 3), N at least 1", "Pass frames."
        )
    maps: Maps = find_entry(registry, settings["name"]).attribute(model, frames, settings, seed)
    return maps


def as_maps(values: torch.Tensor) -> Maps:
    """Return attributions of pixels, (N, H, W, channels), as maps: channels are summed."""
    maps: Maps = values.cpu().double().sum(-1).float().numpy()
    return maps
