"""The arithmetic part of preprocessing, done on the model's device."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch


@dataclass(frozen=True)
class Normalisation:
    """Scale to [0, 1], subtract `mean`, divide by `std`, per channel."""

    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)

    @classmethod
    def of(cls, preprocessing: Mapping[str, Any]) -> "Normalisation":
        """Return the arithmetic part of preprocessing settings."""
        return cls(tuple(preprocessing["mean"]), tuple(preprocessing["std"]))

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
        Tensor of float32, shape (N, 3, height, width), channels-last in memory
        """
        pixels = torch.from_numpy(np.array(frames, order="C", copy=True)).to(device)
        pixels = pixels.permute(0, 3, 1, 2)
        mean = torch.tensor(self.mean, device=device).view(1, 3, 1, 1) * 255
        std = torch.tensor(self.std, device=device).view(1, 3, 1, 1) * 255
        return (pixels.float() - mean) / std
