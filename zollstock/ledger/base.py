"""What a meter is."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from zollstock.ledger.masks import MaskSet

Frames = npt.NDArray[np.uint8]
"""Shape (S, H, W, 3)."""
Series = npt.NDArray[np.float64]
"""Shape (S,)."""


class Meter(Protocol):
    """Measures a property of frames."""

    @property
    def name(self) -> str:
        """Key in the registry."""

    @property
    def region(self) -> str:
        """The region of a mask set in which the property is."""

    def values(self, frames: Frames, zero: int, masks: MaskSet | None) -> Series:
        """Return the property of each frame, (S,); frame `zero` is the unchanged one."""

    def off_target(self, frames: Frames, masks: MaskSet | None) -> Series:
        """Return what should not have moved, in the same unit, (S,); NaN where unknown."""
