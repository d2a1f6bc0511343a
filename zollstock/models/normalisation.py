"""The arithmetic part of preprocessing, done on the model's device."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

GREY = (19595, 38470, 7471)
"""Shares of red, green and blue in grey, of 65,536, as Pillow has them."""


@dataclass(frozen=True)
class Normalisation:
    """Scale to [0, 1], subtract `mean`, divide by `std`, per channel.

    With `channels` 1 the pixels become grey first, as Pillow's mode ``L`` makes them; the first
    entries of `mean` and `std` then count. 0 stands for what is not known yet.
    """

    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    channels: int = 3

    @classmethod
    def of(cls, preprocessing: Mapping[str, Any]) -> "Normalisation":
        """Return the arithmetic part of preprocessing settings."""
        channels = preprocessing.get("channels")
        return cls(
            tuple(preprocessing["mean"]),
            tuple(preprocessing["std"]),
            3 if channels is None else channels,
        )

    def apply(
        self, frames: npt.NDArray[np.uint8], device: torch.device | str = "cpu"
    ) -> torch.Tensor:
        """Turn frames into a model's input.

        Parameters
        ----------
        frames
            uint8, shape (N, height, width, 3).
        device
            Where the arithmetic is done; pixels travel there as bytes.

        Returns
        -------
        Tensor of float32, shape (N, channels, height, width), channels-last in memory
        """
        # torch wants arrays that it may write to; only others are copied.
        pixels = torch.from_numpy(np.require(frames, requirements=("C", "W"))).to(device)
        if self.channels == 1:
            shares = torch.tensor(GREY, dtype=torch.int32, device=device)
            pixels = ((pixels.to(torch.int32) * shares).sum(-1, keepdim=True) + 2**15) // 2**16
        count, height, width, channels = pixels.shape
        mean, std = self.mean[:channels], self.std[:channels]
        # A row of pixels at once, in place: seven times as fast as three values at once.
        rows = pixels.view(count, height, width * channels).to(torch.float32, copy=True)
        rows.sub_((torch.tensor(mean, device=device) * 255).repeat(width))
        rows.div_((torch.tensor(std, device=device) * 255).repeat(width))
        return rows.view(count, height, width, channels).permute(0, 3, 1, 2)
