"""Placebos that are made to the size of an edit: frames on ways that lead away from a picture."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zollstock.engines.base import FailedPath, StepDone
from zollstock.engines.placebos.ways import Start, Way, check_matched
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, pixel_change
from zollstock.profiles import Point
from zollstock.seeds import seed_for


class MatchedPlacebo:
    """For each frame that an edit is compared at one that is as far from the picture.

    Frames before and behind the edit's reference lie on two ways; see
    `zollstock.engines.placebos.ways.Way`.

    Parameters
    ----------
    steps
        Frames on a path.
    tolerance
        By which share a frame's size may be off.
    profiles
        Image id → the profile of its edit, pairs of side and size; see `zollstock.profiles`.
    """

    def __init__(
        self,
        *,
        steps: int,
        tolerance: float,
        profiles: Mapping[str, Sequence[Sequence[float]]] | None = None,
    ) -> None:
        self.steps, self.tolerance = steps, tolerance
        self.profiles = points_of(profiles)
        self._starts: dict[str, Start] = {}

    def start_of(self, image: ImageRecord) -> Start:
        """Return where the ways of an image begin."""
        raise NotImplementedError

    def profile_text(self, image: ImageRecord) -> str:
        """Return the sizes that are asked for, for fingerprints."""
        return repr([tuple(point) for point in self.profiles.get(image.id, [])])

    def ways(
        self, image: ImageRecord, seed: int, profile: Sequence[Point], margin: float = 1.0
    ) -> dict[int, Way]:
        """Return side → a way that leads as far as the profile does, times a margin."""
        found = self._starts.get(image.id)
        if found is None:
            found = self.start_of(image)
            self._starts = {image.id: found}  # images come one after the other
        return {
            side: Way(
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
        frames, at = frames_on(found, profile, [point.size for point in profile])
        unedited = image_of(found)
        step_done(self.steps)
        check_matched(pixel_change(frames, unedited).tolist(), profile, self.tolerance)
        axis = np.arange(len(frames), dtype=np.float64)
        return EditPath(frames, axis, unedited, self.recipe(found, profile, at))

    def recipe(
        self, ways: Mapping[int, Way], profile: Sequence[Point], at: NDArray[np.float64]
    ) -> Mapping[str, Any] | None:
        """Return how the frames are made again; None where they are kept instead.

        Parameters
        ----------
        ways
            Side → way.
        profile
            A point for each frame.
        at
            t of each frame on its way, (S,).
        """
        return None


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


def image_of(ways: Mapping[int, Way]) -> NDArray[np.uint8]:
    """Return the image that all ways begin at."""
    return next(iter(ways.values())).start.image


def check_long_enough(ways: Mapping[int, Way], profile: Sequence[Point], tolerance: float) -> None:
    """Raise `Unmatched` unless ways lead as far as the points of a profile."""
    far = [min(ways[side_of(point)].length, point.size) for point in profile]
    check_matched(far, profile, tolerance)


def frames_on(
    ways: Mapping[int, Way], points: Sequence[Point], sizes: Sequence[float]
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return a frame for each point of a profile, at these distances from the image.

    Beside the frames, (S, H, W, 3), stands where on its way each lies, (S,).
    """
    frames = np.empty((len(points), *image_of(ways).shape), np.uint8)
    at = np.zeros(len(points))
    for side, way in ways.items():
        places = [place for place, point in enumerate(points) if side_of(point) == side]
        if places:
            frames[places], at[places] = way.frames([sizes[place] for place in places])
    return frames, at
