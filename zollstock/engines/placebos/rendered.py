"""Placebo paths of drawn images: their nuisances are drawn again."""

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zollstock import paths, worlds
from zollstock.engines.base import StepDone, source_version
from zollstock.engines.registry import register
from zollstock.images.table import ImageRecord, check_drawn, latents_of
from zollstock.paths import EditPath, PathShape, pixel_change
from zollstock.worlds import get_world
from zollstock.worlds.base import Latents, check_choice

LOOKED_AT = 9
"""Points at which the size of a placebo is looked at before its end is chosen."""
NEAREST_END = 1 / 64
"""A placebo goes at least this far, so that a path of no size still has an axis."""


@register("placebo_rendered")
class RenderedPlacebo:
    """Draws the image again with all nuisance latents on their way to another draw.

    Frame s shows the latents (1 − t_s)·z + t_s·z′: z are the image's, z′ differs in the
    nuisances, which are drawn afresh for every placebo. The last t is where the mean absolute
    pixel change reaches the size asked for, or 1.

    Parameters
    ----------
    world, size
        The drawn world, and the height and width of its pictures.
    latents
        The nuisances; None takes all of the world's that are not `tested`.
    tested
        Latents that the study's properties vary.
    steps
        Frames on a path.
    limits
        Image id → the size of the largest edit it is compared with, as a mean absolute pixel
        change in [0, 1]. An image without one goes all the way.
    """

    version = source_version(
        FilePath(__file__), FilePath(paths.__file__), FilePath(worlds.__file__).parent
    )

    def __init__(
        self,
        *,
        world: str,
        size: int,
        latents: Sequence[str] | None,
        tested: Sequence[str],
        steps: int,
        limits: Mapping[str, float] | None = None,
    ) -> None:
        self.world = get_world(world)
        self.size = size
        known = self.world.nuisances
        for name in latents or ():
            check_choice("placebos.latents", name, known)
        self.latents = list(latents or [name for name in known if name not in tested])
        self.steps = steps
        self.limits = limits or {}

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Return the common size; raise if an image was not drawn."""
        check_drawn(images, "Give placebos.instructions or placebos.series for photographs.")
        return PathShape(self.steps, self.size, self.size)

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return the image's latents and the size asked for."""
        return {name: repr(value) for name, value in image.latents.items()} | {
            "limit": repr(self._limit(image))
        }

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        return {"world": self.world.name, "placebo": "nuisances drawn again"} | {
            "latents": self.latents
        }

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Draw the path."""
        start = latents_of([image])
        label = np.array([self.world.class_names.index(image.label)])
        other = self.world.sample(label, np.array([seed], np.uint64))
        looked = np.linspace(0, 1, LOOKED_AT)
        frames = self._draw(start, other, looked)
        sizes = pixel_change(frames, frames[0])
        last = max(_first_crossing(looked, sizes, self._limit(image)), NEAREST_END)
        axis = np.linspace(0, last, self.steps)
        frames = self._draw(start, other, axis)
        step_done(len(frames))
        return EditPath(frames, axis, frames[0])

    def _limit(self, image: ImageRecord) -> float:
        limit = self.limits.get(image.id, np.inf)
        # Rounded as it is named: what differs by less is no other placebo.
        return float(f"{limit:.4g}") if np.isfinite(limit) else 1.0

    def _draw(
        self, start: Latents, other: Latents, shares: NDArray[np.float64]
    ) -> NDArray[np.uint8]:
        mixed = {name: np.repeat(value, len(shares)) for name, value in start.items()}
        for name in self.latents:
            mixed[name] = (1 - shares) * start[name] + shares * other[name]
        return self.world.render(mixed, size=self.size, masks=False).frames


def _first_crossing(shares: NDArray[np.float64], sizes: NDArray[np.float64], limit: float) -> float:
    """Return the first share at which the size reaches the limit, on straight lines; else 1."""
    above = np.flatnonzero(sizes >= limit)
    if not len(above):
        return 1.0
    after = int(above[0])
    if after == 0:
        return 0.0
    low, high = sizes[after - 1], sizes[after]
    part = (limit - low) / (high - low)
    return float(shares[after - 1] + part * (shares[after] - shares[after - 1]))
