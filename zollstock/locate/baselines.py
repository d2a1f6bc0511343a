"""Pictures that stand for nothing being there: what some attributions compare a picture with."""

import hashlib

import numpy as np
import numpy.typing as npt
import torch

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.seeds import rng_for

BASELINES = ("black", "mean", "blur", "noise")
BLUR = 0.1
"""Deviation of the Gaussian, as a share of the picture's shorter side."""


def baseline(
    name: str, pixels: torch.Tensor, rng: np.random.Generator, blur: float = BLUR
) -> torch.Tensor:
    """Return the baseline of one picture, of its shape.

    Parameters
    ----------
    name
        ``black``; ``mean``, the picture's mean colour; ``blur``, the picture through a Gaussian;
        ``noise``, an even draw from 0 to 255 in every pixel and channel.
    pixels
        0 to 255, shape (H, W, channels).
    rng
        For noise.
    blur
        See `BLUR`.

    Raises
    ------
    ZollstockError
        If there is no such baseline.
    """
    if name == "black":
        return torch.zeros_like(pixels)
    if name == "mean":
        return pixels.mean((0, 1), keepdim=True).expand_as(pixels).clone()
    if name == "blur":
        from scipy.ndimage import gaussian_filter

        sigma = blur * min(pixels.shape[:2])
        found = gaussian_filter(pixels.double().cpu().numpy(), (sigma, sigma, 0), mode="nearest")
        return torch.from_numpy(found).to(pixels)
    if name == "noise":
        return torch.from_numpy(rng.uniform(0, 255, tuple(pixels.shape))).to(pixels)
    raise ZollstockError(
        "baseline", f"is '{name}'", f"one of {', '.join(BASELINES)}", did_you_mean(name, BASELINES)
    )


def rng_of(frame: npt.NDArray[np.uint8], *names: object) -> np.random.Generator:
    """Return the generator of a frame: of what it holds, and of some names."""
    content = hashlib.sha256(np.ascontiguousarray(frame).tobytes()).hexdigest()
    return rng_for("locate", *names, frame.shape, content)
