"""Integrated gradients (Sundararajan et al. 2017): along the straight line from a baseline."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.locate.baselines import baseline, rng_of
from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps, as_maps


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return (x − b)·∫₀¹ ∂y/∂x(b + t·(x − b)) dt, which sums to y(x) − y(b).

    Parameters
    ----------
    model, frames
        See `zollstock.locate.gradients`.
    settings
        ``points`` of the Gauss–Legendre rule; ``baseline`` and ``blur``, see
        `zollstock.locate.baselines`.
    seed
        Of the study, for a baseline of noise.
    """
    nodes, weights = np.polynomial.legendre.leggauss(int(settings["points"]))
    maps = []
    for frame, pixels in zip(frames, model.pixels(frames), strict=True):
        rng = rng_of(frame, "integrated_gradients", seed)
        start = baseline(settings["baseline"], pixels, rng, settings["blur"])
        step = pixels - start
        total = torch.zeros_like(pixels)
        for first in range(0, len(nodes), _PART):  # no more gradients than these at once
            at = torch.from_numpy((nodes[first : first + _PART] + 1) / 2).to(pixels)
            share = torch.from_numpy(weights[first : first + _PART] / 2).to(pixels)
            slopes = model.gradients(start + at[:, None, None, None] * step)[1]
            total += (share[:, None, None, None] * slopes).sum(0)
        maps.append(total * step)
    return as_maps(torch.stack(maps))


_PART = 16
