"""What an engine is."""

from collections.abc import Callable, Sequence
from typing import Protocol

from zollstock.images.table import ImageRecord
from zollstock.paths import Path, PathShape

StepDone = Callable[[int], None]
"""Called with the number of frames that were finished since the last call."""


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
