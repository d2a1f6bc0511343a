"""What is laid over a picture: a text or a picture file, with its transparency.

A layer is uint8, (H, W, 4): red, green, blue and how much it covers, 0 to 255.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from zollstock.errors import ZollstockError
from zollstock.images.reading import UnusableImage, read_rgb

Layer = npt.NDArray[np.uint8]
"""Shape (H, W, 4)."""
_NO_LETTER = "\U0010ffff"
"""Of no font: drawn as the sign for letters that a font lacks."""


def layer_of_text(text: str, width: int, colour: Sequence[int], font: str | None = None) -> Layer:
    """Return a text, as large as makes its longest line `width` pixels long.

    Parameters
    ----------
    text
        May have several lines, which are centred.
    width
        Of the longest one in pixels.
    colour
        Red, green and blue.
    font
        A TrueType or OpenType file; by default the one that Pillow brings, of Latin letters.

    Raises
    ------
    ZollstockError
        If the font cannot be read, or lacks a letter of the text.
    """
    trial = 100.0
    _check_letters(text, _font(font, trial), font)
    left, _, right, _ = _box(text, _font(font, trial))
    fitting = _font(font, max(trial * width / max(right - left, 1), 1.0))
    left, upper, right, lower = _box(text, fitting)
    grey = Image.new("L", (max(int(np.ceil(right - left)), 1), max(int(np.ceil(lower - upper)), 1)))
    ImageDraw.Draw(grey).multiline_text((-left, -upper), text, 255, fitting, align="center")
    layer = np.empty((*np.asarray(grey).shape, 4), np.uint8)
    layer[..., :3] = np.array(colour, np.uint8)
    layer[..., 3] = np.asarray(grey)
    return layer


def layer_of_file(file: Path, width: int, key: str = "picture") -> Layer:
    """Return a picture file at `width` pixels; where it is transparent it covers nothing.

    Raises
    ------
    ZollstockError
        If it cannot be read as a picture.
    """
    try:
        read_rgb(file)  # which says what is wrong
        with Image.open(file) as opened:
            transparent = opened.has_transparency_data
            whole = opened.convert("RGBA") if transparent else Image.fromarray(read_rgb(file))
    except UnusableImage as reason:
        raise ZollstockError(
            file,
            f"cannot be read as the {key} ({reason})",
            "a picture",
            f"Put it there, or correct the property's {key}.",
        ) from None
    height = max(round(whole.height * width / whole.width), 1)
    scaled = whole.convert("RGBA").resize((width, height), Image.Resampling.LANCZOS)
    return np.array(scaled)


def laid(
    layer: Layer, size: tuple[int, int], centre: tuple[float, float], rotation: float = 0.0
) -> Layer:
    """Return a layer of the size of a picture, with a smaller or larger one at a place.

    Parameters
    ----------
    layer
        What is laid there.
    size
        Height and width of the picture.
    centre
        Of the layer, across and down, as shares of width and height.
    rotation
        Degrees, anticlockwise.
    """
    turned = Image.fromarray(layer)
    if rotation % 360:
        turned = turned.rotate(rotation, Image.Resampling.BICUBIC, expand=True)
    height, width = size
    left = round(centre[0] * width - turned.width / 2)
    upper = round(centre[1] * height - turned.height / 2)
    whole = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    whole.paste(turned, (left, upper))
    return np.array(whole)


def _font(font: str | None, size: float) -> ImageFont.FreeTypeFont:
    try:
        found = ImageFont.load_default(size) if font is None else ImageFont.truetype(font, size)
    except OSError as error:
        raise ZollstockError(
            str(font),
            f"cannot be read as a font ({error})",
            "a TrueType or OpenType file",
            "Correct the property's font, or leave it out.",
        ) from None
    assert isinstance(found, ImageFont.FreeTypeFont), "Pillow has FreeType"
    return found


def _box(text: str, font: ImageFont.FreeTypeFont) -> tuple[float, float, float, float]:
    canvas = ImageDraw.Draw(Image.new("L", (1, 1)))
    return canvas.multiline_textbbox((0, 0), text, font, align="center")


def _check_letters(text: str, font: ImageFont.FreeTypeFont, name: str | None) -> None:
    """Refuse letters that the font does not have: boxes would be drawn in their place."""
    none = bytes(font.getmask(_NO_LETTER))
    lacking = [
        letter
        for letter in dict.fromkeys(text)
        if not letter.isspace() and bytes(font.getmask(letter)) == none
    ]
    if lacking:
        raise ZollstockError(
            "properties: text",
            f"has the letters '{''.join(lacking)}', which the font does not",
            "letters of the font " + (name or "that Pillow brings (Latin)"),
            "Set the property's font to the file of one that has them.",
        )
