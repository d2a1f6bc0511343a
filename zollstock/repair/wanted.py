"""Wanted explanations from files: masks that a user painted, and maps that were corrected by hand.

A map is written as a grey picture, white where it is highest. What the user leaves of it or paints
is read back: white is where a model may look.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError
from zollstock.images.masks import mask_of
from zollstock.images.reading import UnusableImage, read_rgb
from zollstock.images.table import ImageRecord, save_png

Maps = npt.NDArray[np.float32]


def from_masks(
    pattern: str,
    images: Sequence[ImageRecord],
    height: int,
    width: int,
    fit: str = "crop",
    *,
    of_property: bool = True,
) -> Maps:
    """Return where each image may be looked at, from mask pictures, (N, height, width).

    Parameters
    ----------
    pattern, height, width, fit
        See `zollstock.images.masks.mask_of`.
    images
        The images.
    of_property
        Whether masks are white where the property is, which is not to be looked at; else where a
        model may look.

    Raises
    ------
    ZollstockError
        If a mask is missing or is none.
    """
    masks = np.stack([mask_of(pattern, image, height, width, fit) for image in images])
    return 1 - masks if of_property else masks


def write_map(values: npt.ArrayLike, file: Path) -> None:
    """Write a map, (H, W), as a grey PNG to paint on: black its least value, white its highest.

    Raises
    ------
    ZollstockError
        If it is no map of finite numbers.
    """
    found = np.asarray(values, np.float64)
    if found.ndim != 2 or not found.size or not np.isfinite(found).all():
        raise ZollstockError(
            file,
            f"would hold an array of shape {found.shape}",
            "finite numbers, (H, W)",
            "Pass a map.",
        )
    low, span = found.min(), np.ptp(found)
    grey = np.rint(255 * (found - low) / span) if span else np.zeros_like(found)
    save_png(np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2), file)


def read_map(file: Path, height: int, width: int) -> Maps:
    """Return a painted map, (height, width), 1 where it is white, 0 where it is black.

    Raises
    ------
    ZollstockError
        If it is no picture, or of another size.
    """
    try:
        pixels = read_rgb(file)
    except UnusableImage as reason:
        raise ZollstockError(
            file, f"cannot be read ({reason})", "the picture that was painted on", "Save it there."
        ) from None
    if pixels.shape[:2] != (height, width):
        raise ZollstockError(
            file,
            f"has {pixels.shape[0]}×{pixels.shape[1]} pixels",
            f"{height}×{width}, as it was written",
            "Save it in its own size.",
        )
    # A brush of any colour counts by how light it is.
    found: Maps = pixels.mean(2).astype(np.float32) / np.float32(255)
    return found
