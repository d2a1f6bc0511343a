"""Captured placebo series."""

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from zollstock.engines.base import StepDone, source_version
from zollstock.engines.frames import FramesEngine, tell
from zollstock.engines.placebos import matched, ways
from zollstock.engines.placebos.matched import points_of, profile_of
from zollstock.engines.placebos.ways import check_matched
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError
from zollstock.ids import place_of
from zollstock.images.fitting import fitted
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape, pixel_change
from zollstock.profiles import nearest, reference_step, slack_of

STRANGE = 0.02
"""A series whose nearest frame is further from the image than this, and than the edit, is another
image's."""


@register("placebo_series")
class SeriesPlacebo:
    """Reads captured placebo series and takes the frames that are as large as the edit's.

    Parameters
    ----------
    path
        Of the series, with ``{image}`` and ``{draw}``, in whose place the number of the placebo
        stands; see `FramesEngine`.
    steps, tolerance, profiles
        As in `zollstock.engines.placebos.rendered.RenderedPlacebo`.
    size, fit, axis
        As in `FramesEngine`.
    """

    version = " ".join(
        [
            FramesEngine.version,
            source_version(FilePath(__file__), FilePath(ways.__file__), FilePath(matched.__file__)),
        ]
    )

    def __init__(
        self,
        *,
        path: str,
        steps: int,
        tolerance: float,
        size: Sequence[int] | None = None,
        fit: str = "stretch",
        axis: str = "names",
        profiles: Mapping[str, Sequence[Sequence[float]]] | None = None,
    ) -> None:
        self.pattern, self.size, self.fit, self.axis = path, size, fit, axis
        self.steps, self.tolerance = steps, tolerance
        self.profiles = points_of(profiles)

    def _engine(self, image: ImageRecord) -> FramesEngine:
        pattern = self.pattern.replace("{draw}", str(image.draw))
        if not place_of(pattern, image.id, image.name).exists():
            raise ZollstockError(
                "placebos.series",
                f"names {place_of(pattern, image.id, image.name)}, which does not exist",
                "a series for each image and each number from 1 to placebos.number",
                "Put it there, correct the path, or lower placebos.number (19 are needed for .05).",
            )
        return FramesEngine(path=pattern, size=self.size, fit=self.fit, axis=self.axis)

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Check all series and return their common size."""
        pairs = [(self._engine(image), image) for image in images]
        tell([engine.series(image) for engine, image in pairs])
        shapes = {engine.shape([image], told=True) for engine, image in pairs}
        sizes = {shape[1:] for shape in shapes}
        if len(sizes) > 1:
            raise ZollstockError(
                "placebos.series",
                f"has frames of {len(sizes)} sizes",
                "one size",
                "Set the property's size.",
            )
        return PathShape(self.steps, *sizes.pop())

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return the checksums of the series' files, and the sizes asked for."""
        profile = [tuple(point) for point in self.profiles.get(image.id, [])]
        return self._engine(image).inputs(image) | {"profile": repr(profile)}

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        return {"placebo": "captured series", "series": self.pattern}

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Read the series and take from it the frames nearest in size to the edit's."""
        profile = profile_of(self.profiles, image)
        read = self._engine(image).path(image, seed, lambda _: None)
        sizes = pixel_change(read.frames, read.unedited)
        middle = reference_step(sizes)
        self._check_image(image, read, max(point.size for point in profile))
        steps = np.arange(len(sizes))
        chosen, slack = [], slack_of([point.size for point in profile])
        for point in profile:
            side = np.flatnonzero((np.sign(steps - middle) == point.side) | (steps == middle))
            chosen.append(int(side[nearest(sizes[side], point.size, slack)]))
        step_done(self.steps)
        check_matched(sizes[chosen].tolist(), profile, self.tolerance)
        return EditPath(read.frames[chosen], np.arange(len(chosen), dtype=float), read.unedited)

    def _check_image(self, image: ImageRecord, read: EditPath, furthest: float) -> None:
        height, width = read.unedited.shape[:2]
        own = fitted(image.pixels(), (height, width), self.fit)
        apart = float(pixel_change([read.unedited], own)[0])
        if apart > max(STRANGE, furthest):
            pattern = self.pattern.replace("{draw}", str(image.draw))
            where = place_of(pattern, image.id, image.name)
            raise ZollstockError(
                where,
                f"shows another picture than the image '{image.id}': its nearest frame differs "
                f"by {apart:.3g} of the range of pixels, the edit under test by {furthest:.3g}",
                "a series that begins at, or passes, the image itself",
                "Correct placebos.series, or capture the placebos of this image.",
            )
