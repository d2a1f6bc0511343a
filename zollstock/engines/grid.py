"""Two properties at once: every step of the second at every step of the first.

A path holds the whole grid, row by row: frame a · B + b shows step a of the first property and
step b of the second. Its axis counts the frames; the properties' own axes are in the facts.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, Protocol, cast

import numpy as np

from zollstock.engines.base import Engine, StepDone, TakesSize, source_version
from zollstock.engines.registry import engine_for, register
from zollstock.errors import ZollstockError
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape


class Composable(Engine, Protocol):
    """An engine whose steps another engine can go on from."""

    def states(self, image: ImageRecord, seed: int) -> list[ImageRecord]:
        """Return the image at each step, as a record that another engine may start from.

        Behind them stands the unedited one.
        """
        ...


@register("grid")
class GridEngine:
    """do(first = x_a, second = y_b) for every pair of steps.

    Parameters
    ----------
    first, second
        Settings of the two engines, each with its key ``engine``. The second goes on from each
        state of the first.
    """

    version = source_version(FilePath(__file__))

    def __init__(self, *, first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
        self.first = cast(Composable, engine_for(first))
        self.second = engine_for(second)
        # A change of either engine's code is a change of this one.
        self.version = f"{type(self).version}+{self.first.version}+{self.second.version}"

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Return the common size; raise if an image does not fit either engine."""
        rows, columns = self.first.shape(images), self.second.shape(images)
        if rows[1:] != columns[1:]:
            raise ZollstockError(
                "grid",
                f"has a first property of {rows.height}×{rows.width} pixels and a second one of "
                f"{columns.height}×{columns.width}",
                "one size",
                "Set the size of both properties.",
            )
        return PathShape(rows.steps * columns.steps, columns.height, columns.width)

    def take_size(self, height: int, width: int) -> None:
        """Hand the size on to the engines whose frames' size hangs on all images."""
        for engine in (self.first, self.second):
            if isinstance(engine, TakesSize):
                engine.take_size(height, width)

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return what frames depend on besides the settings: what either engine names."""
        both = {"first": self.first.inputs(image), "second": self.second.inputs(image)}
        return {f"{key} {name}": told for key in both for name, told in both[key].items()}

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made."""
        return {"first": self.first.facts(), "second": self.second.facts()}

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Make the grid of one image."""
        *states, start = self.first.states(image, seed)
        rows = [self.second.path(state, seed, step_done) for state in states]
        frames = np.concatenate([row.frames for row in rows])
        unedited = self.second.path(start, seed, lambda finished: None).unedited
        return EditPath(frames, np.arange(len(frames), dtype=np.float64), unedited)
