"""Extremal perturbation (Fong et al. 2019): the part of a given area that holds the output up best.

The optimisation is our own: the mask is a sigmoid of smooth scores less a threshold, and the
threshold is moved at every step so that the mask's mean *is* the area. So no weight has to be
chosen for an area's penalty, and an output that does not hang on the picture leaves the mask even.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from zollstock.locate.baselines import baseline, rng_of
from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps

_RATE, _DECAYS, _TINY = 0.5, (0.9, 0.999), 1e-30
_HALVINGS, _LEAST = 60, 1e-12


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return the mean over areas of m − area, m the mask that keeps the output highest.

    Its mean is 0: above it is what is kept more than the area alone would have it.

    Parameters
    ----------
    model, frames
        See `zollstock.locate.gradients`.
    settings
        ``areas``: shares of the picture, 0 to 1; ``cells`` of the scores along the shorter side;
        ``steps`` of the optimisation, a gradient an area each; ``baseline`` and ``blur``: what is
        put where the mask is 0.
    seed
        Of the study, for a baseline of noise.
    """
    areas = [float(area) for area in settings["areas"]]
    maps = []
    for frame, pixels in zip(frames, model.pixels(frames), strict=True):
        rng = rng_of(frame, "extremal_perturbation", seed)
        start = baseline(settings["baseline"], pixels, rng, settings["blur"])
        masks = extremal_masks(
            model, pixels, start, areas, cells=settings["cells"], steps=settings["steps"]
        )
        even = torch.tensor(areas).to(masks)[:, None, None]
        uneven = masks.amax((1, 2), keepdim=True) > masks.amin((1, 2), keepdim=True)
        maps.append(((masks - even) * uneven).mean(0).float().cpu().numpy())
    return np.stack(maps)


def extremal_masks(
    model: GradientModel,
    pixels: torch.Tensor,
    start: torch.Tensor,
    areas: Sequence[float],
    *,
    cells: int = 8,
    steps: int = 40,
) -> torch.Tensor:
    """Return for each area the mask m that keeps y(m·x + (1 − m)·b) highest, (areas, H, W).

    Scores on a coarse grid are raised by Adam's rule and interpolated bicubically.

    Parameters
    ----------
    model
        The followed output y.
    pixels, start
        x and b, (H, W, channels).
    areas
        Mean of each mask, above 0 and below 1.
    cells
        Of the grid, along the shorter side.
    steps
        Of the optimisation.
    """
    size = (int(pixels.shape[0]), int(pixels.shape[1]))
    grid = [max(1, round(side * cells / min(size))) for side in size]
    scores = torch.zeros((len(areas), 1, *grid), dtype=pixels.dtype, device=pixels.device)
    mean, square = torch.zeros_like(scores), torch.zeros_like(scores)
    step = pixels - start
    shares = torch.tensor(areas).to(scores)[:, None, None]
    for turn in range(1, steps + 1):
        with torch.enable_grad():
            leaf = scores.detach().requires_grad_()
            masks = _masks(leaf, size, shares)
        slopes = model.gradients(start + masks.detach()[..., None] * step)[1]
        slope = torch.autograd.grad(masks, leaf, (slopes * step).sum(-1))[0]
        mean = _DECAYS[0] * mean + (1 - _DECAYS[0]) * slope
        square = _DECAYS[1] * square + (1 - _DECAYS[1]) * slope**2
        scale = (square / (1 - _DECAYS[1] ** turn)).sqrt()
        # By the largest slope of a mask, so that cells without influence stay where they are.
        most = scale.amax((2, 3), keepdim=True)
        scores = scores + _RATE * mean / (1 - _DECAYS[0] ** turn) / (most + _TINY)
    with torch.no_grad():
        return _masks(scores, size, shares)


def _masks(scores: torch.Tensor, size: tuple[int, int], areas: torch.Tensor) -> torch.Tensor:
    """Return σ(s − τ) with τ such that each mean is the area; gradients pass through τ, too."""
    fine = functional.interpolate(scores, size, mode="bicubic", align_corners=False)[:, 0]
    with torch.no_grad():
        edge = torch.log(areas / (1 - areas))
        low = fine.amin((1, 2), keepdim=True) - edge
        high = fine.amax((1, 2), keepdim=True) - edge
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            more = torch.sigmoid(fine - middle).mean((1, 2), keepdim=True) > areas
            low, high = torch.where(more, middle, low), torch.where(more, high, middle)
        rest = torch.sigmoid(fine - middle)
        width = (rest * (1 - rest)).mean((1, 2), keepdim=True)
    # One step of Newton's, which is 0 in value: its slope is that of τ by the scores.
    excess = torch.sigmoid(fine - middle).mean((1, 2), keepdim=True) - areas
    return torch.sigmoid(fine - middle - excess / width.clamp(min=_LEAST))
