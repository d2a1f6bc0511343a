"""Placebo paths: edits that should not matter, as large as the edit under test.

The placebo paths of an image are numbered; see `zollstock.draws`. Each goes as far as the
largest edit that it is compared with, and is cut to the size of a smaller one when it is
compared; see `zollstock.significance.cutting`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zollstock import paths, worlds
from zollstock.draws import split_id
from zollstock.engines.base import StepDone, source_version
from zollstock.engines.frames import FramesEngine
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError
from zollstock.images.table import ImageRecord, check_drawn, latents_of
from zollstock.paths import Path, PathShape, pixel_change
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
            "limit": f"{self._limit(image):.4g}"
        }

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        return {"world": self.world.name, "placebo": "nuisances drawn again"} | {
            "latents": self.latents
        }

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> Path:
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
        return Path(frames, axis, frames[0])

    def _limit(self, image: ImageRecord) -> float:
        limit = self.limits.get(split_id(image.id)[0], np.inf)
        return limit if np.isfinite(limit) else 1.0

    def _draw(
        self, start: Latents, other: Latents, shares: NDArray[np.float64]
    ) -> NDArray[np.uint8]:
        mixed = {name: np.repeat(value, len(shares)) for name, value in start.items()}
        for name in self.latents:
            mixed[name] = (1 - shares) * start[name] + shares * other[name]
        return self.world.render(mixed, size=self.size, masks=False).frames


@register("placebo_series")
class SeriesPlacebo:
    """Reads captured placebo series: ``{draw}`` in their place stands for the number.

    Parameters
    ----------
    path
        Of the series, with ``{image}`` and ``{draw}``; see `FramesEngine`.
    size
        Height and width to resize all frames to, or None to keep them.
    limits
        Not needed: a captured series has the size it has.
    """

    version = FramesEngine.version

    def __init__(
        self,
        *,
        path: str,
        size: Sequence[int] | None = None,
        limits: Mapping[str, float] | None = None,
    ) -> None:
        self.pattern, self.size = path, size

    def _engine(self, image: ImageRecord) -> tuple[FramesEngine, ImageRecord]:
        name, draw = split_id(image.id)
        pattern = self.pattern.replace("{draw}", str(draw)).replace("{image}", name)
        return FramesEngine(path=pattern, size=self.size), image

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Check all series and return their common size."""
        shapes = {self._engine(image)[0].shape([image]) for image in images}
        steps = max(shape.steps for shape in shapes)
        sizes = {shape[1:] for shape in shapes}
        if len(sizes) > 1:
            raise ZollstockError(
                "placebos.series",
                f"has frames of {len(sizes)} sizes",
                "one size",
                "Set the property's size.",
            )
        return PathShape(steps, *sizes.pop())

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return the checksums of the series' files."""
        engine, image = self._engine(image)
        return engine.inputs(image)

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        return {"placebo": "captured series", "series": self.pattern}

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> Path:
        """Read the path."""
        engine, image = self._engine(image)
        return engine.path(image, seed, step_done)


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
