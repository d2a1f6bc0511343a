"""Label pictures of the user's: which segment each pixel of an image belongs to."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import ImageOps

from zollstock.arrays import Indices
from zollstock.errors import ZollstockError
from zollstock.images.belonging import file_of
from zollstock.images.fitting import Size, fitted
from zollstock.images.geometry import Geometry
from zollstock.images.reading import UnusableImage, open_picture, readable
from zollstock.images.table import ImageRecord

MOST = 10_000
"""Segments of a label picture; as many as any segmenter may be asked for."""
_WHOLE = {"1", "L", "P", "I", "I;16", "I;16B", "I;16L"}  # Pillow's modes of one whole number
_SEVERAL = {"LA", "RGB", "RGBA"}


def label_picture(pattern: str, image: ImageRecord) -> Indices:
    """Return the segments that the user's label picture of an image has, (h, w).

    Pixels of equal value are a segment: of equal grey, place in the palette, or colour.

    Parameters
    ----------
    pattern
        What `zollstock.images.belonging.file_of` takes.
    image
        The image.

    Returns
    -------
    ndarray of int, shape (h, w)
        0 … M − 1 without gaps, in the order of the values.

    Raises
    ------
    ZollstockError
        If the picture is missing, unreadable, of other proportions than the image, or has more
        than `MOST` values.
    """
    file = file_of(pattern, image, "labels")
    try:
        values = _values(file)
    except UnusableImage as reason:
        raise ZollstockError(
            file,
            f"cannot be read as the label picture of '{image.id}' ({reason})",
            "a picture in which all pixels of a segment have one value",
            "Put it there.",
        ) from None
    height, width = image.pixels().shape[:2]
    # Another resolution will do: it is resized with the image.
    if abs(values.shape[0] * width - values.shape[1] * height) > max(height, width):
        raise ZollstockError(
            file,
            f"has {values.shape[0]}×{values.shape[1]} pixels",
            f"{height}×{width}, the size of the image '{image.id}'",
            "Resize it, without blending values (nearest).",
        )
    found, labels = np.unique(values, return_inverse=True)
    if len(found) > MOST:
        raise ZollstockError(
            file,
            f"has {len(found)} different values",
            f"one for each segment, {MOST} at most",
            "Save it without blending or loss of values, as a PNG.",
        )
    return labels.reshape(values.shape).astype(np.intp)


def resized_labels(labels: Indices, geometry: Geometry) -> Indices:
    """Return labels as a model sees the picture; what it pads with is a segment of its own.

    Parameters
    ----------
    labels
        0 … M − 1, (h, w), M ≤ `MOST`.
    geometry
        The model's.

    Returns
    -------
    ndarray of int, shape (H, W)
        Labels of 1 … M, and 0 where the model pads.
    """
    nearest = Geometry(geometry.size, "nearest", geometry.fit, geometry.resize_to)
    return _numbers(nearest.apply(_colours(labels)[None])[0])


def fitted_labels(labels: Indices, size: Size, fit: str) -> Indices:
    """Return labels as frames of a size show the picture; see `resized_labels`."""
    return _numbers(fitted(_colours(labels), size, fit, "nearest", pad=0))


def _colours(labels: Indices) -> npt.NDArray[np.uint8]:
    """Return labels as colours, which pass through all that resizes pictures; black is none's."""
    shown = labels.astype(np.uint32) + 1
    return np.stack([shown >> 16, shown >> 8, shown], axis=-1).astype(np.uint8)


def _numbers(colours: npt.NDArray[np.uint8]) -> Indices:
    red, green, blue = np.moveaxis(colours.astype(np.intp), -1, 0)
    return (red << 16) + (green << 8) + blue


def _values(file: Path) -> npt.NDArray[np.int64]:
    """Return a number for each pixel, equal where the picture's values are; (h, w)."""
    with readable(file), open_picture(file) as opened:
        image = ImageOps.exif_transpose(opened)
        image.load()
        if image.mode in _WHOLE:
            return np.asarray(image).astype(np.int64)
        if image.mode not in _SEVERAL:
            raise UnusableImage(f"its pixels are of Pillow's kind '{image.mode}'")
        channels = np.moveaxis(np.asarray(image), -1, 0).astype(np.int64)
    return np.asarray(sum(channel << 8 * place for place, channel in enumerate(channels)))
