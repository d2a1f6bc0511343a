"""What an engine is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from zollstock.images.table import ImageRecord

StepDone = Callable[[int], None]
"""Called with the number of frames that were finished since the last call."""


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


class Engine(Protocol):
    """Makes the paths of one property.

    An engine is constructed from the property's settings; see
    `zollstock.engines.registry.make_engine`.
    """

    version: int
    """Raised whenever the same settings give other frames; part of the fingerprint."""

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Check all images' inputs and return the common size of their paths."""
        ...

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return names and checksums of what a path depends on besides the settings."""
        ...

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> Path:
        """Make the path of one image; equal arguments give equal bytes."""
        ...
