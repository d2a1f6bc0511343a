"""Figures as parts of a page: small copies inside it, the originals beside it."""

import base64
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from zollstock.figures.registry import Figure

WIDEST = 1400
"""Pixels that a picture in the page has at most."""

WIDEST_OF_STAGE = 1200
"""Pixels that a figure of a stage behind the scores has at most, such as a page of maps."""

ROOM = 10_000_000
"""Characters of pictures that a page holds; what finds no room is shown from its file beside it."""

_COLOURS = 192
_WHITE = 250


class Picture(NamedTuple):
    """A figure of the page.

    Attributes
    ----------
    name
        Of the figure, for a reader.
    link
        Where the file lies, seen from the page.
    data
        The picture itself as a ``data:`` address; empty if the page has no room for it.
    width, height
        In pixels.
    """

    name: str
    link: str
    data: str
    width: int
    height: int


class Album:
    """Takes pictures into a page, as long as there is room.

    Parameters
    ----------
    folder
        Where the page lies.
    room
        Characters for all pictures together.
    """

    def __init__(self, folder: Path, room: int = ROOM) -> None:
        self.folder = folder
        self.room = room

    def take(self, file: Path, name: str, widest: int = WIDEST) -> Picture:
        """Return a figure's picture, in fewer colours and not wider than asked for."""
        with Image.open(file) as opened:
            image = opened.convert("RGB")
        if image.width > widest:
            size = (widest, max(1, round(image.height * widest / image.width)))
            image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        few = image.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        packed = BytesIO()
        _keep_white(few)
        few.save(packed, "PNG", compress_level=6)
        data = data_address(packed.getvalue())
        if len(data) > self.room:
            data = ""
        self.room -= len(data)
        link = file.relative_to(self.folder).as_posix()
        return Picture(name, link, data, image.width, image.height)


def data_address(content: bytes, kind: str = "png") -> str:
    """Return a picture's file as an address that holds all of it."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def pictures_at(album: Album, at: Path, widest: int = WIDEST) -> list[Picture]:
    """Return a figure, or all pages of one, as far as they are there."""
    files = sorted(at.glob("*.png")) if at.is_dir() else [at.with_name(at.name + ".png")]
    return [album.take(file, file.stem, widest=widest) for file in files if file.is_file()]


def pictures_of_stage(
    album: Album, folder: Path, figures: Iterable[Figure]
) -> dict[str, list[Picture]]:
    """Return kind of figure → its pictures, of a stage behind the scores.

    Parameters
    ----------
    album, folder
        Where pictures are taken from.
    figures
        The stage's entries of the registry, in the order in which pictures find room.
    """
    return {
        figure.name.rpartition("/")[2]: pictures_at(
            album, folder / "figures" / figure.name, WIDEST_OF_STAGE
        )
        for figure in figures
    }


def _keep_white(image: Image.Image) -> None:
    """Make nearly white colours of a palette white: paper would have a pale box on it."""
    colours = image.getpalette() or []
    for place in range(0, len(colours), 3):
        if min(colours[place : place + 3]) >= _WHITE:
            colours[place : place + 3] = [255, 255, 255]
    image.putpalette(colours)
