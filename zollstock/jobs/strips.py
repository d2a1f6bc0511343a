"""Some frames of paths, for figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zollstock.figures.sheets import Strip, strip_steps
from zollstock.store import PathStore, iterate_paths


@dataclass(frozen=True)
class Strips:
    """Some frames of several paths, read one path at a time, and again whenever they are asked for.

    Attributes
    ----------
    store
        The frames.
    entries
        Of the manifest.
    count
        Frames of a path at most.
    """

    store: PathStore
    entries: Sequence[Mapping[str, Any]]
    count: int

    def __iter__(self) -> Iterator[Strip]:
        for entry in self.entries:
            name = path_title(entry["image"], entry["draw"])
            strip = Strip(name, np.empty((0, 1, 1, 3), np.uint8), np.empty(0), np.empty(0, np.intp))
            for _, path in iterate_paths(self.store, [entry]):  # none if it failed
                steps = strip_steps(path.axis, self.count)
                strip = Strip(name, path.frames[steps], path.axis, steps)
            yield strip


def path_title(image: str, draw: int) -> str:
    """Return what a path is called in figures: replicates of an image are told apart."""
    return f"{image}, {draw + 1}" if draw else image
