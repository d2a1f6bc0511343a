"""What a path is: an image again and again, with one property changed step by step."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class PathShape(NamedTuple):
    """Size of every path of a property: steps, height and width in pixels."""

    steps: int
    height: int
    width: int


@dataclass(frozen=True)
class Path:
    """One path of one image.

    Attributes
    ----------
    frames
        uint8, shape (steps, height, width, 3).
    axis
        float64, shape (steps,): the property's value at each step.
    unedited
        uint8, shape (height, width, 3): the image in the state that this engine leaves
        untouched, at the size of the frames.
    """

    frames: npt.NDArray[np.uint8]
    axis: npt.NDArray[np.float64]
    unedited: npt.NDArray[np.uint8]
