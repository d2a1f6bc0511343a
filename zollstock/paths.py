"""What a path is: an image again and again, with one property changed step by step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class PathShape(NamedTuple):
    """Size of every path of a property: steps, height and width in pixels."""

    steps: int
    height: int
    width: int


@dataclass(frozen=True)
class EditPath:
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
    recipe
        How the frames are made again from `unedited`, which a store then keeps in their place;
        see `zollstock.recipes`. None where they are kept.
    """

    frames: npt.NDArray[np.uint8]
    axis: npt.NDArray[np.float64]
    unedited: npt.NDArray[np.uint8]
    recipe: Mapping[str, Any] | None = None


class PathInput(NamedTuple):
    """One path as models take it, the unedited image put behind the frames.

    Attributes
    ----------
    image
        Image id.
    frames
        uint8, shape (steps + 1, height, width, 3); zeros where the axis is NaN.
    axis
        float64, shape (steps,); NaN at steps the path does not have, all NaN if it failed.
    draw
        Number of the draw; see `zollstock.draws`.
    """

    image: str
    frames: npt.NDArray[np.uint8]
    axis: npt.NDArray[np.float64]
    draw: int = 0


def pixel_change(
    frames: Iterable[npt.NDArray[np.uint8]],
    reference: npt.NDArray[np.uint8],
    where: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.float64]:
    """Return the mean absolute distance to a picture, (S,), in [0, 1].

    change_s = mean |frame_s − reference| / 255 over the channels of the pixels in question. With
    the unedited image as the picture it is the size of the edit.

    Parameters
    ----------
    frames
        uint8, shape (S, H, W, 3), or S of shape (H, W, 3).
    reference
        uint8, shape (H, W, 3).
    where
        The pixels that count, (H, W); all of them by default. NaN if there is none.
    """
    chosen: Any = ... if where is None else where
    still = reference[chosen].astype(np.int16)
    if not still.size:
        return np.full(sum(1 for _ in frames), np.nan)
    return np.array([np.abs(frame[chosen] - still).mean() / 255 for frame in frames])
