"""Placebo paths of photographs: small shifts, turns, light, noise and compression."""

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zollstock import paths, profiles
from zollstock.engines.base import source_version
from zollstock.engines.pixels import light, warps
from zollstock.engines.placebos import disturbed, matched, references, ways
from zollstock.engines.placebos.disturbed import KNOBS, Disturbed, recipe_of
from zollstock.engines.placebos.matched import MatchedPlacebo, side_of
from zollstock.engines.placebos.references import Lent, References
from zollstock.engines.placebos.ways import Way
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.images.table import ImageRecord
from zollstock.paths import PathShape
from zollstock.profiles import Point


@register("placebo_pixels")
class PixelPlacebo(MatchedPlacebo):
    """Shifts, turns, relights, blurs with noise and compresses a photograph a little.

    Each placebo is another mixture, and for each frame that the edit is compared at there is one
    that is as far from the photograph. Operations that a property of the study varies are left out.

    Parameters
    ----------
    operations
        Keys of `KNOBS`; None takes all.
    tested
        What the study's properties vary.
    steps, tolerance, profiles
        As in `MatchedPlacebo`.
    references
        The photographs as the edits under test show them untouched.
    """

    version = source_version(
        FilePath(__file__),
        FilePath(disturbed.__file__),
        FilePath(light.__file__),
        FilePath(warps.__file__),
        FilePath(matched.__file__),
        FilePath(references.__file__),
        FilePath(ways.__file__),
        FilePath(paths.__file__),
        FilePath(profiles.__file__),
    )
    takes_references = True
    gives_recipes = True

    def __init__(
        self,
        *,
        operations: Sequence[str] | None,
        tested: Sequence[str],
        steps: int,
        tolerance: float,
        profiles: Mapping[str, Sequence[Sequence[float]]] | None = None,
        references: References | Lent | None = None,
    ) -> None:
        super().__init__(steps=steps, tolerance=tolerance, profiles=profiles)
        for name in operations or ():
            if name not in KNOBS:
                raise ZollstockError(
                    "placebos.operations",
                    f"names '{name}'",
                    f"some of {', '.join(KNOBS)}",
                    did_you_mean(name, KNOBS, "Choose among these."),
                )
        self.operations = [name for name in operations or KNOBS if name not in tested]
        if not self.operations:
            raise ZollstockError(
                "placebos.operations",
                "leaves nothing to make placebos by, since properties vary all of it",
                f"one of {', '.join(KNOBS)} that no property varies",
                "Choose others.",
            )
        self.references = references

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Return the size of the edits under test."""
        return PathShape(self.steps, *self._references().size)

    def _references(self) -> References | Lent:
        assert self.references is not None, "the plan of placebos gives them"
        return self.references

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return the checksum of the edit whose photograph is taken, and the sizes asked for."""
        return {
            "edit": self._references().checksum(image.id),
            "profile": self.profile_text(image),
        }

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        return {"placebo": "small changes of pixels", "operations": self.operations}

    def start_of(self, image: ImageRecord) -> Disturbed:
        """Return the pictures that differ from a photograph in nothing that it shows."""
        return Disturbed(self._references().picture(image.id), self.operations)

    def recipe(
        self, ways: Mapping[int, Way], profile: Sequence[Point], at: NDArray[np.float64]
    ) -> dict[str, Any]:
        """Return the draws and how far each frame goes, from which frames are made again."""
        sides = [side_of(point) for point in profile]
        return recipe_of(ways, sides, at.tolist(), self.operations)
