"""Draws: the same image under other seeds, each with a path of its own.

Draw 0 of an image carries the image's id; draw k > 0 is called ``<image>~<k>``. A tilde is in
no image id, so the two parts can be told apart again wherever only the name is kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from zollstock.images.table import ImageRecord

MARK = "~"


def draw_id(image: str, draw: int) -> str:
    """Return the name of a draw of an image."""
    return f"{image}{MARK}{draw}" if draw else image


def split_id(name: str) -> tuple[str, int]:
    """Return the image and the number of a draw, from its name."""
    image, mark, draw = name.rpartition(MARK)
    return (image, int(draw)) if mark else (name, 0)


def drawn_records(images: Sequence[ImageRecord], draws: Iterable[int]) -> list[ImageRecord]:
    """Return a record per image and draw, image by image, alike but for their names."""
    draws = list(draws)
    return [replace(image, id=draw_id(image.id, draw)) for image in images for draw in draws]
