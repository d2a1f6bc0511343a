"""The geometric part of preprocessing: resize and crop, on 8-bit pixels as Pillow does.

It is the same for every model with the same geometry, so frames are resized once and kept.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
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
        # Rounding may put an edge that touches the frame a hair outside, which Pillow refuses.
        upper, left = max(upper, 0.0), max(left, 0.0)
        return (left, upper, min(left + keep_width, width), min(upper + keep_height, height))


def geometry_of(preprocessing: dict[str, Any]) -> Geometry:
    """Return the geometric part of preprocessing settings."""
    size = preprocessing["size"]
    if isinstance(size, int):
        size = (size, size)
    return Geometry(
        None if size is None else (int(size[0]), int(size[1])),
        preprocessing["resize"],
        preprocessing["fit"],
    )
