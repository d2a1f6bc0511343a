"""A grid of any rows and columns."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.errors import ZollstockError
from zollstock.locate.context import Context


def segment(image: npt.NDArray[np.uint8], settings: Mapping[str, Any], context: Context) -> Indices:
    """Return rectangles, numbered row by row, whose sides differ by one pixel at most."""
    height, width = image.shape[:2]
    rows, columns = settings["rows"], settings["columns"]
    for name, wanted, there in (("rows", rows, height), ("columns", columns, width)):
        if wanted > there:
            raise ZollstockError(
                "locate: segments.grid",
                f"has {wanted} {name}, but the picture has {there} pixels there",
                f"{there} {name} at most",
                "Choose a coarser grid.",
            )
    return cells(height, rows)[:, None] * columns + cells(width, columns)


def cells(pixels: int, number: int) -> Indices:
    """Return in which of `number` equal intervals the centre of each pixel lies, (pixels,)."""
    return ((2 * np.arange(pixels) + 1) * number // (2 * pixels)).astype(np.intp)
