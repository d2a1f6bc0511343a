"""Reading one picture file into RGB, with a defined outcome for every odd file.

Where pixels have more than 8 bits, it must be known which value is white. PNG, PPM and JPEG 2000
say it: the full range. Other formats, TIFF above all, hold what a camera or a program put there, so
the values are looked at. Of integers, white is the highest value of the fewest bits out of 8, 10,
12, 14 and 16 that hold them all, so that 12 bits in a 16-bit file are not nearly black. Of
floating-point numbers, white is 1 where all are below 2; others are taken as integers are.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from zollstock.images.formats import add_reader, other_reader, reader_of

# Pictures all the same, that Pillow has no reader for or none without another package.
_OTHERS = {".heic", ".heif", ".hif", ".avif", ".jxl", ".svg", ".dng", ".exr"} | {
    f".{camera}" for camera in ("cr2", "cr3", "nef", "arw", "orf", "raf", "rw2", "raw")
}

RGB = npt.NDArray[np.uint8]
_FULL = 65535
_WHITES = (255, 1023, 4095, 16383, _FULL)
_FULL_RANGE = {"PNG", "PPM", "JPEG2000"}
"""Formats that say themselves which value is white; Pillow scales to 16 bits."""
_BITS_PER_SAMPLE = 258  # a tag of TIFF


MISSING = "file is missing"
"""Why a file is unusable that is not there."""


class UnusableImage(Exception):
    """A file that cannot be an image of a study; the message is the reason."""


class Picture(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    pixels
        uint8, shape (height, width, 3).
    white
        The value that was taken for white; None where the format leaves no choice.
    """

    pixels: RGB
    white: int | None = None

    @property
    def scaled(self) -> str:
        """What to tell of the range; empty where it is the full one, or the format's own."""
        if self.white in (None, _FULL):
            return ""
        return f"{self.white} is taken for white"


def read_rgb(path: Path | str, min_side: int = 1, white: int | None = None) -> RGB:
    """Read a picture file as 8-bit RGB; see `read_picture`."""
    return read_picture(path, min_side, white).pixels


def read_picture(path: Path | str, min_side: int = 1, white: int | None = None) -> Picture:
    """Read a picture file as 8-bit RGB.

    EXIF rotation is applied; CMYK, grey and palette images are converted; grey of more than 8 bits
    is scaled, see above; transparency is composited over white; of an animation the first frame
    is taken.

    Parameters
    ----------
    path
        The file.
    min_side
        Smallest accepted height and width in pixels.
    white
        The value that is white, where the format leaves a choice: pictures of a series share it.
        None looks at this file's values.

    Raises
    ------
    UnusableImage
        With the reason: not an image, truncated, too small, unknown value range. Whatever a decoder
        raises is the file's fault.
    """
    with readable(Path(path)):
        with open_picture(Path(path)) as opened:
            kind = opened.format or ""
            bits = _bits(opened)
            image = ImageOps.exif_transpose(opened)
            image.load()
        if min(image.size) >= max(min_side, 1):
            return _to_rgb(image, kind, bits, white)
    width, height = image.size
    raise UnusableImage(f"only {height}×{width} pixels; at least {min_side} a side are needed")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises, which is the file's fault, into an `UnusableImage`."""
    try:
        yield
    except UnusableImage:
        raise
    except FileNotFoundError:
        raise UnusableImage(MISSING) from None
    except PermissionError:
        raise UnusableImage("file may not be read (permissions)") from None
    except UnidentifiedImageError:
        hint = other_reader(path)
        raise UnusableImage(f"not an image that Pillow can read{hint}") from None
    except Image.DecompressionBombError:
        raise UnusableImage("more pixels than are safe to decode") from None
    except MemoryError:
        raise UnusableImage("more pixels than fit into memory") from None
    except Exception as error:  # decoders and their metadata complain in many ways
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnusableImage(f"broken, truncated or odd inside ({reason})") from None


def open_picture(path: Path) -> Image.Image:
    """Open a picture, by another package's reader where Pillow has none."""
    try:
        return Image.open(path)
    except UnidentifiedImageError:
        found = reader_of(path)
        if found is None or not add_reader(found[1]):
            raise
        return Image.open(path)


def is_picture(path: Path) -> bool:
    """Return whether a file is meant as a picture: by its ending, or else by its content.

    A picture of an ending that Pillow cannot read is one, so that it is named where it is read.
    """
    ending = path.suffix.lower()
    if ending in _OTHERS or Image.registered_extensions().get(ending) in Image.OPEN:
        return True
    try:
        with Image.open(path):
            return True
    except Exception:  # whatever a reader makes of a text
        return False


def _bits(opened: Image.Image) -> int:
    """Return the bits of a channel as a TIFF tells them, 0 of other formats."""
    found = getattr(opened, "tag_v2", {}).get(_BITS_PER_SAMPLE, 0)
    return int(max(found) if isinstance(found, tuple) else found)


def _to_rgb(image: Image.Image, kind: str, bits: int, white: int | None) -> Picture:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _scaled(image, kind, bits, white)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        back = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        image = Image.alpha_composite(back, rgba)
    pixels = np.array(image.convert("RGB"))
    # Of 16-bit colour Pillow keeps the upper byte.
    if bits > 8 and pixels.max() <= _WHITES[-2] // 256:
        raise UnusableImage(
            f"16-bit colour that fills only the lowest part of its range (up to about "
            f"{256 * int(pixels.max()) + 255} of {_FULL}), of which Pillow reads the upper byte; "
            "scale it to the full range, or save it with 8 bits"
        )
    return Picture(pixels)


def _scaled(image: Image.Image, kind: str, bits: int, white: int | None) -> Picture:
    """Scale one channel of more than 8 bits."""
    values = np.asarray(image, dtype=np.float64)
    if not np.isfinite(values).all():
        raise UnusableImage("floating-point pixels that are NaN or infinite")
    low, high = values.min(), values.max()
    if low < 0 or high > _FULL:
        raise UnusableImage(f"values from {low:g} to {high:g} are beyond 16 bits")
    if kind in _FULL_RANGE and image.mode != "F":
        told, white = None, _FULL
    else:
        if white is None:
            white = _white_of(high, image.mode == "F", bits)
        told = white
    grey = np.minimum(np.round(values / (white / 255)), 255).astype(np.uint8)
    return Picture(np.repeat(grey[:, :, None], 3, axis=2), told)


def _white_of(high: float, floating: bool, bits: int) -> int:
    if floating and high < 2:
        return 1
    if 8 < bits < 16:
        return int(2**bits - 1)
    return next(white for white in _WHITES if round(high) <= white)


def pixel_sha256(pixels: RGB) -> str:
    """Return the SHA-256 of an image's shape and pixels, so that equal pictures are equal."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).tobytes())
    return digest.hexdigest()
