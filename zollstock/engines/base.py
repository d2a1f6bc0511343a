"""What an engine is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    # Every start of Snakemake asks the registry; pandas and NumPy would cost it half a second.
    import numpy as np
    import numpy.typing as npt

    from zollstock.images.table import ImageRecord
    from zollstock.paths import EditPath, PathShape

StepDone = Callable[[int], None]
"""Called with the number of frames that were finished since the last call."""


class FailedPath(Exception):
    """One path cannot be made; the others can. The message says why."""


class Unmatched(FailedPath):
    """A placebo cannot be made as large as the edit it stands for."""


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

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Make the path of one image; equal arguments give equal bytes.

        A path may have fewer steps than `shape` says; it is kept with what it has.

        Raises
        ------
        FailedPath
            If this image's path cannot be made.
        """
        ...


@runtime_checkable
class ManyPaths(Protocol):
    """What an engine has besides, if it makes several paths together faster than in turn."""

    def paths(
        self, images: Sequence[ImageRecord], seeds: Sequence[int], step_done: StepDone
    ) -> Iterator[EditPath | FailedPath]:
        """Make several paths, those of several draws of an image say, and yield them in order.

        Path k is that of ``path(images[k], seeds[k], …)``, but for rounding: neither the other
        paths of the call nor their number change what is drawn for it. Each is yielded as soon
        as it is whole, so that a caller which stores it loses little if it is killed; a caller
        that may want no more of them closes the iterator, or asks for a few at a time.

        Parameters
        ----------
        images
            The image of each path; an image may occur more than once. A draw of an image is a
            record of its own, as in `path`.
        seeds
            The seed of each path.
        step_done
            As in `path`; the numbers of all paths add up.

        Yields
        ------
        EditPath or FailedPath
            As many as `images`. The path; or, not raised, the reason why there is none.
        """
        ...


@runtime_checkable
class TakesSize(Protocol):
    """What an engine has besides, if the size of its frames hangs on all images of the study."""

    def take_size(self, height: int, width: int) -> None:
        """Be told the size that `shape` gave, before paths are asked for."""
        ...


FramesMade = Callable[["npt.NDArray[np.float64]", "npt.NDArray[np.uint8]"], None]
"""Called with values of the axis, (n,), and their frames, (n, H, W, 3)."""


@runtime_checkable
class ShowsFrames(Protocol):
    """What an engine has besides, if frames are there before their path is whole."""

    frames_made: FramesMade | None
    """Called with each batch of frames; None where nobody looks."""


def make_paths(
    engine: Engine, images: Sequence[ImageRecord], seeds: Sequence[int], step_done: StepDone
) -> Iterator[EditPath | FailedPath]:
    """Yield the paths of several images or draws in order, together where the engine can.

    Arguments and yields are those of `ManyPaths.paths`; other engines are asked for one path
    after the other. Where all paths are there already, no engine is asked.
    """
    if not images:
        return
    if isinstance(engine, ManyPaths):
        yield from engine.paths(images, seeds, step_done)
        return
    for image, seed in zip(images, seeds, strict=True):
        try:
            made: EditPath | FailedPath = engine.path(image, seed, step_done)
        except FailedPath as reason:
            made = reason
        yield made


def source_version(*folders_or_files: FilePath) -> str:
    """Return a hash of source files: a version that changes with every change of the code."""
    digest = hashlib.sha256()
    for place in folders_or_files:
        for file in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
