"""Masks that the user painted, or that are meant by a word: where in a picture something is."""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError
from zollstock.images.belonging import file_of
from zollstock.images.drawn_masks import check_drawn
from zollstock.images.fitting import fitted
from zollstock.images.reading import UnusableImage, read_rgb
from zollstock.images.table import ImageRecord

Weights = npt.NDArray[np.float32]
"""Shape (H, W), in [0, 1]."""

CORE = 0.5
"""Only pixels of more weight count in a region's mean. One of less shows mainly something else
(an eye, the outline, the room), and its share of the mean would be that other thing's colour."""

MIDDLE = re.compile(r"middle(?:\s+(0?\.\d+|1(?:\.0*)?))?")
"""A mask without a file: an ellipse about the centre, of this share of height and width."""
_SHARE = 0.7


def mask_of(
    pattern: str, image: ImageRecord, height: int, width: int, fit: str = "crop"
) -> Weights:
    """Return an image's mask at the size of its frames, (height, width), 1 where it is white.

    Parameters
    ----------
    pattern
        ``middle``, ``middle 0.5``, or what `zollstock.images.belonging.file_of` takes: grey
        pictures, white where the property is.
    image
        The image.
    height, width
        Of the frames in pixels.
    fit
        How the image is brought to that size; a mask of the image's own size goes the same way.

    Raises
    ------
    ZollstockError
        If the mask is missing, unreadable, in colour, of another size, or black; or a model drew it
        and it was changed since.
    """
    if word := MIDDLE.fullmatch(pattern.strip()):
        return _ellipse(float(word[1] or _SHARE), height, width)
    check_drawn(Path(pattern), image.id)
    file = file_of(pattern, image, "mask")
    wanted = "a grey picture, white where the property is"
    try:
        pixels = read_rgb(file)
    except UnusableImage as reason:
        raise ZollstockError(
            file, f"cannot be read as the mask of '{image.id}' ({reason})", wanted, "Put it there."
        ) from None
    if pixels.shape[:2] != (height, width):
        own = image.pixels().shape[:2]
        if pixels.shape[:2] != own:
            same = own == (height, width)
            raise ZollstockError(
                file,
                f"has {pixels.shape[0]}×{pixels.shape[1]} pixels",
                f"{height}×{width}, the size of the frames"
                + ("" if same else f", or {own[0]}×{own[1]}, that of the image"),
                "Resize the mask.",
            )
        pixels = fitted(pixels, (height, width), fit, "bilinear", pad=0)
    if np.ptp(pixels, axis=2).any():
        raise ZollstockError(file, "is in colour", wanted, "Save it as a grey picture.")
    inside = pixels[..., 0].astype(np.float32) / np.float32(255)
    if not (inside > CORE).any():
        raise ZollstockError(
            file, "has no white pixel", wanted, "Paint the place of the property white."
        )
    return inside


def _ellipse(share: float, height: int, width: int) -> Weights:
    """Return an ellipse about the centre, its edge a pixel wide."""
    down, across = (np.arange(side) + 0.5 - side / 2 for side in (height, width))
    radii = share * height / 2, share * width / 2
    apart = np.hypot(down[:, None] / radii[0], across / radii[1])
    return np.clip((1 - apart) * min(radii) + 0.5, 0, 1).astype(np.float32)
