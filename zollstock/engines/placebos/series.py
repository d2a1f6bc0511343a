"""Captured placebo series."""

from collections.abc import Mapping, Sequence
from typing import Any

from zollstock.engines.base import StepDone
from zollstock.engines.frames import FramesEngine, tell
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape


@register("placebo_series")
class SeriesPlacebo:
    """Reads captured placebo series: ``{draw}`` in their place stands for the number.

    Parameters
    ----------
    path
        Of the series, with ``{image}`` and ``{draw}``; see `FramesEngine`.
    size
        Height and width to resize all frames to, or None to keep them.
    axis
        As in `FramesEngine`.
    limits
        Not needed: a captured series has the size it has.
    """

    version = FramesEngine.version

    def __init__(
        self,
        *,
        path: str,
        size: Sequence[int] | None = None,
        axis: str = "names",
        limits: Mapping[str, float] | None = None,
    ) -> None:
        self.pattern, self.size, self.axis = path, size, axis

    def _engine(self, image: ImageRecord) -> tuple[FramesEngine, ImageRecord]:
        pattern = self.pattern.replace("{draw}", str(image.draw))
        return FramesEngine(path=pattern, size=self.size, axis=self.axis), image

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Check all series and return their common size."""
        engines = [self._engine(image)[0] for image in images]
        pairs = list(zip(engines, images, strict=True))
        tell([engine.series(image) for engine, image in pairs])
        shapes = {engine.shape([image], told=True) for engine, image in pairs}
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

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Read the path."""
        engine, image = self._engine(image)
        return engine.path(image, seed, step_done)
