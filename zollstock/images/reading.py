"""Reading one picture file into RGB, with a defined outcome for every odd file."""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

# Pictures all the same, that Pillow has no reader for or none without another package.
_OTHERS = {".heic", ".heif", ".hif", ".avif", ".jxl", ".svg", ".dng", ".exr"} | {
    f".{camera}" for camera in ("cr2", "cr3", "nef", "arw", "orf", "raf", "rw2", "raw")
}

RGB = npt.NDArray[np.uint8]


class UnusableImage(Exception):
    """A file that cannot be an image of a study; the message is the reason."""


def read_rgb(path: Path | str, min_side: int = 1) -> RGB:
    """Read a picture file as 8-bit RGB.

    EXIF rotation is applied; CMYK, grey and palette images are converted; 16-bit grey is
    scaled by 1/257; transparency is composited over white; of an animation the first frame
    is taken.

    Parameters
    ----------
    path
        The file.
    min_side
        Smallest accepted height and width in pixels.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    UnusableImage
        With the reason: not an image, truncated, too small, unknown value range.
    """
    try:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened)
            image.load()
    except FileNotFoundError:
        raise UnusableImage("file is missing") from None
    except PermissionError:
        raise UnusableImage("file may not be read (permissions)") from None
    except UnidentifiedImageError:
        raise UnusableImage("not an image that Pillow can read") from None
    except Image.DecompressionBombError:
        raise UnusableImage("more pixels than are safe to decode") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise UnusableImage(f"broken or truncated ({error})") from None
    if min(image.size) < min_side:
        width, height = image.size
        raise UnusableImage(f"only {height}×{width} pixels; at least {min_side} a side are needed")
    return _to_rgb(image)


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


def _to_rgb(image: Image.Image) -> RGB:
    if image.mode.startswith("I;16") or image.mode == "I":
        values = np.asarray(image, dtype=np.int64)
        if values.min() < 0 or values.max() > 65535:
            raise UnusableImage(f"values from {values.min()} to {values.max()} are beyond 16 bits")
        grey = np.round(values / 257).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.mode == "F":
        raise UnusableImage("floating-point pixels have no known range")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, rgba)
    return np.array(image.convert("RGB"))


def pixel_sha256(pixels: RGB) -> str:
    """Return the SHA-256 of an image's shape and pixels, so that equal pictures are equal."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).tobytes())
    return digest.hexdigest()
