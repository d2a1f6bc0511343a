"""The exact engine: the drawn world re-renders the same image with one latent set."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from zollstock.engines.base import StepDone, source_version
from zollstock.engines.registry import register
from zollstock.images.table import ImageRecord, check_drawn, latents_of
from zollstock.paths import EditPath, PathShape
from zollstock.worlds import folders_of, get_world


@register("rendered")
class RenderedEngine:
    """do(latent = value) for evenly spaced values, everything else unchanged.

    Parameters
    ----------
    world
        Name of the drawn world.
    size
        Height and width of the frames in pixels.
    latent
        The latent that is set.
    start, stop
        Values at the first and the last step.
    steps
        Number of frames.
    """

    def __init__(
        self, *, world: str, size: int, latent: str, start: float, stop: float, steps: int
    ) -> None:
        self.version = source_version(FilePath(__file__), *folders_of(world))
        self.world = get_world(world)
        self.size = size
        self.latent = latent
        self.axis = np.linspace(start, stop, steps)

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Return the common size; raise if the latent or an image does not fit the world."""
        check_drawn(images, "Use images.source: renderer with this engine.")
        # Raises with the nearest known name or the legal range.
        self.world.do(latents_of(images[:1]), self.latent, self.axis[[0, -1]])
        return PathShape(len(self.axis), self.size, self.size)

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return the image's latents, on which every frame depends."""
        return {name: repr(value) for name, value in image.latents.items()}

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made."""
        axis = [float(value) for value in self.axis]
        return {"world": self.world.name, "latent": self.latent, "axis": axis}

    def states(self, image: ImageRecord, seed: int) -> list[ImageRecord]:
        """Return the image at each step, for an engine that goes on from there, then as it is."""
        swept = self.world.do(latents_of([image]), self.latent, self.axis)
        states = [
            replace(image, latents={name: float(values[step]) for name, values in swept.items()})
            for step in range(len(self.axis))
        ]
        return [*states, image]

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Render the path; `seed` is not needed, since the latents hold all randomness."""
        latents = latents_of([image])
        swept = self.world.do(latents, self.latent, self.axis)
        frames = self.world.render(swept, size=self.size).frames
        step_done(len(frames))
        unedited = self.world.render(latents, size=self.size).frames[0]
        return EditPath(frames, self.axis, unedited)
