"""From an RGB image to a model's input: a geometric part and an arithmetic part.

The geometric part (resize, crop) works on 8-bit pixels as Pillow does and is the same for
every model with the same geometry, so it is done once and kept. The arithmetic part
(scale, subtract, divide) is done on the model's device.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "nearest": Image.Resampling.NEAREST,
}


@dataclass(frozen=True)
class Geometry:
    """Size, interpolation and fit of a model's input.

    Attributes
    ----------
    size
        Height and width in pixels, or None to keep the frame's.
    resize
        Interpolation; a key of `RESAMPLING`. Reductions are antialiased.
    fit
        ``stretch`` or ``crop``.
    """

    size: tuple[int, int] | None = None
    resize: str = "bilinear"
    fit: str = "stretch"

    @classmethod
    def from_key(cls, key: str) -> "Geometry":
        """Return the geometry of a name such as ``as-is`` or ``128x128-bilinear-stretch``."""
        if key == "as-is":
            return cls()
        size, resize, fit = key.split("-")
        height, width = size.split("x")
        return cls((int(height), int(width)), resize, fit)

    def apply(self, frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Resize frames.

        Parameters
        ----------
        frames
            uint8, shape (N, height, width, 3).

        Returns
        -------
        ndarray of uint8, shape (N, size[0], size[1], 3)
        """
        if self.size is None or frames.shape[1:3] == self.size:
            return frames
        height, width = self.size
        filter_ = RESAMPLING[self.resize]
        box = self._box(*frames.shape[1:3])
        return np.stack(
            [
                np.asarray(Image.fromarray(frame).resize((width, height), filter_, box=box))
                for frame in frames
            ]
        )

    def _box(self, height: int, width: int) -> tuple[float, float, float, float] | None:
        """Return the part of the frame (left, upper, right, lower) that is kept."""
        if self.fit == "stretch" or self.size is None:
            return None
        scale = min(height / self.size[0], width / self.size[1])
        keep_height, keep_width = self.size[0] * scale, self.size[1] * scale
        upper, left = (height - keep_height) / 2, (width - keep_width) / 2
        return (left, upper, left + keep_width, upper + keep_height)


@dataclass(frozen=True)
class Normalisation:
    """Scale to [0, 1], subtract `mean`, divide by `std`, per channel."""

    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)

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
