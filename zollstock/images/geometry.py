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
        ``stretch``, ``crop``, or ``pad`` with black.
    resize_to
        Where `fit` is ``crop``: what the shorter side is resized to before `size` is cut out of
        the middle; None for the size itself.
    """

    size: tuple[int, int] | None = None
    resize: str = "bilinear"
    fit: str = "stretch"
    resize_to: int | None = None

    @classmethod
    def from_key(cls, key: str) -> "Geometry":
        """Return the geometry of a name such as ``as-is`` or ``128x128-bilinear-stretch``.

        Behind one that cuts out of a larger picture stands its shorter side:
        ``224x224-bicubic-crop-256``.
        """
        if key == "as-is":
            return cls()
        size, resize, fit, *larger = key.split("-")
        height, width = size.split("x")
        return cls((int(height), int(width)), resize, fit, int(larger[0]) if larger else None)

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
        if self.leaves(*frames.shape[1:3]):
            return frames
        return np.stack([np.asarray(self._of(Image.fromarray(frame))) for frame in frames])

    def leaves(self, height: int, width: int) -> bool:
        """Return whether frames of a size stay as they are."""
        return self.size is None or ((height, width) == self.size and self.resize_to is None)

    def apply_to_weights(self, weights: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float32]:
        """Return weights of frames, from 0 to 1, (H, W) or several, resized as the frames are.

        They pass through 8 bits as pixels do, and are 0 where a frame is padded.
        """
        grey = np.rint(weights * 255).astype(np.uint8)
        frames = np.repeat(grey.reshape(-1, *grey.shape[-2:])[..., None], 3, axis=-1)
        found = self.apply(frames)[..., 0].astype(np.float32) / np.float32(255)
        return found.reshape(*grey.shape[:-2], *found.shape[1:])

    def shown(self, height: int, width: int) -> tuple[float, float, float, float]:
        """Return which part of a frame the model is shown, so that places are found in the frame.

        Parameters
        ----------
        height, width
            Of the frame.

        Returns
        -------
        tuple
            Top, left, height and width, as shares of the frame's. With black beside it the part
            is larger than the frame.
        """
        if self.size is None or self.fit == "stretch":
            return 0.0, 0.0, 1.0, 1.0
        if self.fit == "crop" and self.resize_to is None:
            box = self._box(height, width)
            assert box is not None
            left, upper, right, lower = box
            return upper / height, left / width, (lower - upper) / height, (right - left) / width
        (tall, broad), (upper, left) = self._resized(height, width)
        return upper / tall, left / broad, self.size[0] / tall, self.size[1] / broad

    def _resized(self, height: int, width: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return what a frame is resized to, and where in that the input begins; before it, of pad.

        Both in whole pixels, vertical first.
        """
        assert self.size is not None
        if self.fit == "pad":
            share = min(self.size[0] / height, self.size[1] / width)
            tall, broad = max(1, round(share * height)), max(1, round(share * width))
            return (tall, broad), (-((self.size[0] - tall) // 2), -((self.size[1] - broad) // 2))
        assert self.resize_to is not None
        # As torchvision, timm and transformers do it.
        short = min(height, width)
        tall, broad = int(self.resize_to * height / short), int(self.resize_to * width / short)
        return (tall, broad), (round((tall - self.size[0]) / 2), round((broad - self.size[1]) / 2))

    def _of(self, picture: Image.Image) -> Image.Image:
        assert self.size is not None
        height, width = self.size
        filter_ = RESAMPLING[self.resize]
        if self.fit == "pad" or (self.resize_to is not None and self.fit == "crop"):
            (tall, broad), (upper, left) = self._resized(picture.height, picture.width)
            found = picture.resize((broad, tall), filter_)
            # What lies outside of the picture is black.
            return found.crop((left, upper, left + width, upper + height))
        return picture.resize((width, height), filter_, box=self._box(*picture.size[::-1]))

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
        preprocessing.get("resize_to"),
    )
