"""Fills: what is put where a segment is taken away. A module each, found by its name.

A module offers ``fill(image, labels, settings, rng, context) -> Fill``: of a picture, uint8,
(H, W, 3), its segments (H, W), plain settings, a generator and what belongs to the picture. Use
`make_fill`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.entries import find_entry
from zollstock.locate.context import Context

Pictures = npt.NDArray[np.float32]
Paint = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Fill:
    """What is put in.

    Attributes
    ----------
    pictures
        float32 of 0 … 255, (P, H, W, 3), or (P, 1, 1, 3) of colours.
    chosen
        Which of them each sample gets, (N,); None where all get the first.
    paint
        Of a sample's mask, (H, W), to what is put in there, (H, W, 3), where that hangs on what
        the sample keeps; `pictures` is then of no use.
    """

    pictures: Pictures
    chosen: Indices | None = None
    paint: Paint | None = None


def make_fill(
    image: npt.NDArray[np.uint8],
    labels: Indices,
    settings: Mapping[str, Any],
    rng: np.random.Generator,
    context: Context | None = None,
) -> Fill:
    """Return what is put where a segment of a picture is taken away.

    Parameters
    ----------
    image
        uint8, shape (H, W, 3).
    labels
        0 … M − 1, shape (H, W).
    settings
        ``name`` of the fill, and its settings.
    rng
        Of what is drawn.
    context
        What belongs to the picture; its ``samples`` is N, for fills that draw for each.

    Raises
    ------
    ZollstockError
        If there is no such fill, or if it lacks something.
    """
    import zollstock.locate.fills as registry

    found: Fill = find_entry(registry, settings["name"]).fill(
        image, labels, settings, rng, context or Context()
    )
    return found


def colours(values: npt.ArrayLike) -> Pictures:
    """Return colours, (P, 3) or (3,), as pictures of one pixel, (P, 1, 1, 3)."""
    return np.asarray(values, np.float32).reshape(-1, 1, 1, 3)
