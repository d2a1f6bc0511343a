"""Placebo paths of drawn images: their nuisances are drawn again."""

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zollstock import paths, profiles, worlds
from zollstock.engines.base import FailedPath, StepDone, source_version
from zollstock.engines.placebos import ways
from zollstock.engines.placebos.ways import DrawnWay, Nuisances, check_matched
from zollstock.engines.registry import register
from zollstock.images.table import ImageRecord, check_drawn, latents_of
from zollstock.paths import EditPath, PathShape, pixel_change
from zollstock.profiles import Point
from zollstock.seeds import seed_for
from zollstock.worlds import get_world
from zollstock.worlds.base import check_choice


@register("placebo_rendered")
class RenderedPlacebo:
    """Draws the image again with all nuisance latents on their way to another draw.

    For each frame that the edit is compared at there is one that is as far from the image. Frames
    before and behind the edit's reference lie on two ways; see
    `zollstock.engines.placebos.ways.DrawnWay`.

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
    tolerance
        By which share a frame's size may be off.
    profiles
        Image id → the profile of its edit, pairs of side and size; see `zollstock.profiles`.
    """

    version = source_version(
        FilePath(__file__),
        FilePath(ways.__file__),
        FilePath(paths.__file__),
        FilePath(profiles.__file__),
        FilePath(worlds.__file__).parent,
    )

    def __init__(
        self,
        *,
        world: str,
        size: int,
        latents: Sequence[str] | None,
        tested: Sequence[str],
        steps: int,
        tolerance: float,
        profiles: Mapping[str, Sequence[Sequence[float]]] | None = None,
    ) -> None:
        self.world = get_world(world)
        self.size = size
        known = self.world.nuisances
        for name in latents or ():
            check_choice("placebos.latents", name, known)
        self.latents = list(latents or [name for name in known if name not in tested])
        self.steps, self.tolerance = steps, tolerance
        self.profiles = points_of(profiles)
        self._nuisances: dict[str, Nuisances] = {}

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Return the common size; raise if an image was not drawn."""
        check_drawn(images, "Give placebos.instructions or placebos.series for photographs.")
        return PathShape(self.steps, self.size, self.size)

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return the image's latents and the sizes asked for."""
        return {name: repr(value) for name, value in image.latents.items()} | {
            "profile": repr([tuple(point) for point in self.profiles.get(image.id, [])])
        }

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        return {"world": self.world.name, "placebo": "nuisances drawn again"} | {
            "latents": self.latents
        }

    def ways(
        self, image: ImageRecord, seed: int, profile: Sequence[Point], margin: float = 1.0
    ) -> dict[int, DrawnWay]:
        """Return side → a way that leads as far as the profile does, times a margin."""
        found = self._nuisances.get(image.id)
        if found is None:
            label = self.world.class_names.index(image.label)
            found = Nuisances(self.world, self.size, self.latents, latents_of([image]), label)
            self._nuisances = {image.id: found}  # images come one after the other
        return {
            side: DrawnWay(
                found,
                seed_for(seed, "side", side),
                margin * max(point.size for point in profile if side_of(point) == side),
                self.tolerance,
            )
            for side in sorted({side_of(point) for point in profile}, reverse=True)
        }

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Draw the path."""
        profile = profile_of(self.profiles, image)
        found = self.ways(image, seed, profile)
        check_long_enough(found, profile, self.tolerance)
        frames = frames_on(found, profile, [point.size for point in profile])
        unedited = image_of(found)
        step_done(self.steps)
        check_matched(pixel_change(frames, unedited).tolist(), profile, self.tolerance)
        return EditPath(frames, np.arange(len(frames), dtype=np.float64), unedited)


def points_of(
    profiles: Mapping[str, Sequence[Sequence[float]]] | None,
) -> dict[str, list[Point]]:
    """Return profiles as they come from JSON."""
    return {
        image: [Point(int(side), float(size)) for side, size in points]
        for image, points in (profiles or {}).items()
    }


def profile_of(profiles: Mapping[str, list[Point]], image: ImageRecord) -> list[Point]:
    """Return the profile of an image's edit.

    Raises
    ------
    FailedPath
        If there is none.
    """
    if image.id not in profiles:
        raise FailedPath("the edit itself failed")
    return profiles[image.id]


def side_of(point: Point) -> int:
    """Return the side of the way that a point of a profile lies on; the reference begins each."""
    return -1 if point.side < 0 else 1


def image_of(ways: Mapping[int, DrawnWay]) -> NDArray[np.uint8]:
    """Return the image that all ways begin at."""
    return next(iter(ways.values())).nuisances.image


def check_long_enough(
    ways: Mapping[int, DrawnWay], profile: Sequence[Point], tolerance: float
) -> None:
    """Raise `Unmatched` unless ways lead as far as the points of a profile."""
    far = [min(ways[side_of(point)].length, point.size) for point in profile]
    check_matched(far, profile, tolerance)


def frames_on(
    ways: Mapping[int, DrawnWay], points: Sequence[Point], sizes: Sequence[float]
) -> NDArray[np.uint8]:
    """Return a frame for each point of a profile, at these distances from the image."""
    frames: dict[int, Any] = {}
    for side, way in ways.items():
        places = [place for place, point in enumerate(points) if side_of(point) == side]
        made = way.frames([sizes[place] for place in places]) if places else ()
        frames |= dict(zip(places, made, strict=True))
    result = np.empty((len(points), *image_of(ways).shape), np.uint8)
    for place, frame in frames.items():
        result[place] = frame
    return result
