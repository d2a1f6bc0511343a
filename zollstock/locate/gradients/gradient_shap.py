"""GradientSHAP (Lundberg & Lee 2017): the mean over baselines and places between of x − b · ∇y."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.locate.baselines import baseline, rng_of
from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps, as_maps

_PART = 16


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return the mean of (x' − b)·∂y/∂x at b + t·(x' − b), summed over channels.

    x' is the picture under noise, b a baseline, and t a place between them; of N samples the k-th
    has an even draw from k/N to (k + 1)/N. In expectation the map sums to the mean of y(x') − y(b).

    Parameters
    ----------
    model, frames
        See `zollstock.locate.gradients`.
    settings
        ``samples``: how many; ``noise``: deviation as a share of the picture's range; ``baseline``
        and ``blur``, see `zollstock.locate.baselines`: of noise each sample has another draw.
    seed
        Of the study.
    """
    samples = int(settings["samples"])
    maps = []
    for frame, pixels in zip(frames, model.pixels(frames), strict=True):
        rng = rng_of(frame, "gradient_shap", seed)
        sigma = settings["noise"] * float(pixels.max() - pixels.min())
        total = torch.zeros_like(pixels)
        for first in range(0, samples, _PART):
            count = min(_PART, samples - first)
            at = (first + np.arange(count) + rng.random(count)) / samples
            noise = rng.normal(0, sigma, (count, *pixels.shape))
            starts = torch.stack([
                baseline(settings["baseline"], pixels, rng, settings["blur"]) for _ in range(count)
            ])  # fmt: skip
            step = pixels + torch.from_numpy(noise).to(pixels) - starts
            share = torch.from_numpy(at).to(pixels)[:, None, None, None]
            total += (step * model.gradients(starts + share * step)[1]).sum(0)
        maps.append(total / samples)
    return as_maps(torch.stack(maps))
