"""Photographs of different sizes brought to one: what frames that are made of them need."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from zollstock.images.geometry import RESAMPLING, Geometry
from zollstock.images.reading import RGB
from zollstock.images.table import ImageRecord

Size = tuple[int, int]
"""Height and width in pixels."""

STANDARD: Size = (256, 256)
"""Of frames where images differ in size, or are large: what most classifiers crop theirs from."""
LARGEST = 512
"""Images of equal size keep it up to this side. Of seventeen frames of a camera's 12 megapixels
one path would have 600 MB."""


def common_size(images: Sequence[ImageRecord], size: Sequence[int] | None = None) -> Size:
    """Return the size of frames: what is asked for, the images' own, or `STANDARD`.

    Parameters
    ----------
    images
        All of the study.
    size
        Height and width that are asked for.
    """
    if size is not None:
        return (int(size[0]), int(size[1]))
    sizes = sizes_of(images)
    if len(sizes) == 1 and max(one := next(iter(sizes))) <= LARGEST:
        return one
    return STANDARD


def sizes_of(images: Sequence[ImageRecord]) -> set[Size]:
    """Return the sizes that the images have; only the files' headers are read."""
    return {_header_size(image) for image in images}


def size_note(images: Sequence[ImageRecord]) -> str | None:
    """Return what to tell of frames that have another size than the images; None if they do not."""
    sizes = sizes_of(images)
    height, width = common_size(images)
    if sizes == {(height, width)}:
        return None
    why = "the images differ in size" if len(sizes) > 1 else "the images are large"
    return (
        f"frames have {height}×{width} pixels, since {why}; a property's size: [height, width] "
        "sets another one"
    )


def fitted(
    pixels: RGB, size: Size, fit: str = "crop", resize: str = "bicubic", pad: int | None = None
) -> RGB:
    """Bring a picture to a size; one that has it is returned as it is.

    Parameters
    ----------
    pixels
        uint8, shape (H, W, 3).
    size
        Height and width wanted.
    fit
        ``crop`` cuts off what does not fit, at the centre; ``stretch``; ``pad`` shows all, and
        fills what is left.
    resize
        Interpolation, a key of `zollstock.images.geometry.RESAMPLING`.
    pad
        Grey level to fill with; by default the picture's mean colour.
    """
    if pixels.shape[:2] == size:
        return pixels
    if fit != "pad":
        return Geometry(size, resize, fit).apply(pixels[None])[0]
    share = min(size[0] / pixels.shape[0], size[1] / pixels.shape[1])
    height, width = (max(round(side * share), 1) for side in pixels.shape[:2])
    inner = np.asarray(Image.fromarray(pixels).resize((width, height), RESAMPLING[resize]))
    around = np.empty((*size, 3), np.uint8)
    around[:] = np.rint(pixels.mean((0, 1))) if pad is None else pad
    upper, left = (size[0] - height) // 2, (size[1] - width) // 2
    around[upper : upper + height, left : left + width] = inner
    return around


def _header_size(image: ImageRecord) -> Size:
    """Return height and width; of a file that cannot be opened, the reason is told."""
    try:
        with Image.open(image.file) as opened:
            return (opened.height, opened.width)
    except Exception:  # whatever is wrong, reading it whole says what to do
        height, width = image.pixels().shape[:2]
        return (height, width)
