"""SmoothGrad (Smilkov et al. 2017): the mean gradient under noise, with its sign."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.locate.baselines import rng_of
from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps, as_maps


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return the mean of ∂y/∂x at x + noise, summed over channels.

    Parameters
    ----------
    model, frames
        See `zollstock.locate.gradients`.
    settings
        ``samples``: how many; ``noise``: deviation as a share of the picture's range, largest less
        smallest value. Noisy pixels are not clipped.
    seed
        Of the study.
    """
    samples = int(settings["samples"])
    maps = []
    for frame, pixels in zip(frames, model.pixels(frames), strict=True):
        rng = rng_of(frame, "smoothgrad", seed)
        sigma = settings["noise"] * float(pixels.max() - pixels.min())
        total = torch.zeros_like(pixels)
        for first in range(0, samples, _PART):
            count = min(_PART, samples - first)
            noise = rng.normal(0, sigma, (count, *pixels.shape))
            total += model.gradients(pixels + torch.from_numpy(noise).to(pixels))[1].sum(0)
        maps.append(total / samples)
    return as_maps(torch.stack(maps))


_PART = 16
