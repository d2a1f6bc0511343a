"""Draws: the same image under other seeds, each with a path of its own.

The draws of an image are numbered. Replicates of an edit are 0, 1, …; placebos are 1, 2, …. A
draw is a record of its own (`ImageRecord.draw`), a dimension of stores and a column of tables.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from zollstock.images.table import ImageRecord


def drawn_records(images: Sequence[ImageRecord], draws: Iterable[int]) -> list[ImageRecord]:
    """Return a record per image and draw, image by image, alike but for the draw."""
    draws = list(draws)
    return [replace(image, draw=draw) for image in images for draw in draws]
