"""What an engine is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    # Every start of Snakemake asks the registry; pandas and NumPy would cost it half a second.
    from zollstock.images.table import ImageRecord
    from zollstock.paths import Path, PathShape

StepDone = Callable[[int], None]
"""Called with the number of frames that were finished since the last call."""


class FailedPath(Exception):
    """One path cannot be made; the others can. The message says why."""


class Engine(Protocol):
    """Makes the paths of one property.

    An engine is constructed from the property's settings; see
    `zollstock.engines.registry.make_engine`.
    """

    version: str
    """Another one whenever the same settings may give other frames; part of the fingerprint.

    Engines whose paths are cheap use `source_version`; the others raise theirs by hand.
    """

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Check all images' inputs and return the common size of their paths."""
        ...

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return names and checksums of what a path depends on besides the settings."""
        ...

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest; JSON-able."""
        ...

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> Path:
        """Make the path of one image; equal arguments give equal bytes.

        A path may have fewer steps than `shape` says; it is kept with what it has.

        Raises
        ------
        FailedPath
            If this image's path cannot be made.
        """
        ...


def source_version(*folders_or_files: FilePath) -> str:
    """Return a hash of source files: a version that changes with every change of the code."""
    digest = hashlib.sha256()
    for place in folders_or_files:
        for file in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
