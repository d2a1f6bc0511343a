"""Placebo paths of photographs: small shifts, turns, light, noise and compression."""

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zollstock import paths, profiles
from zollstock.engines.base import source_version
from zollstock.engines.pixels import light, warps
from zollstock.engines.placebos import matched, references, ways
from zollstock.engines.placebos.matched import MatchedPlacebo
from zollstock.engines.placebos.references import References
from zollstock.engines.placebos.ways import Array, Picture, Pictures, furthest_end
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.images.table import ImageRecord
from zollstock.paths import PathShape, pixel_change
from zollstock.seeds import rng_for, seed_for


class Knob(NamedTuple):
    """How far a placebo turns an operation's knob.

    Attributes
    ----------
    drawn
        Draws are uniform up to this value; of two sides as far below 0.
    most
        The end of the way beyond a draw.
    two_sided
        Whether the knob has values below 0.
    """

    drawn: float
    most: float
    two_sided: bool


# In the order in which they are carried out. Values of `translate` are shares of the shorter side;
# all others are those of `zollstock.engines.pixels`.
KNOBS = {
    "rotate": Knob(8.0, 15.0, two_sided=True),
    "translate": Knob(0.08, 0.15, two_sided=False),
    "brightness": Knob(0.4, 0.7, two_sided=True),
    "contrast": Knob(0.5, 0.8, two_sided=True),
    "temperature": Knob(80.0, 150.0, two_sided=True),
    "noise": Knob(0.1, 0.25, two_sided=False),
    "jpeg": Knob(85.0, 95.0, two_sided=False),
}
_MOVING = {"rotate", "translate"}


class Disturbed:
    """The pictures that differ from a photograph by operations that leave alone what it shows.

    A draw chooses some of the operations and how far each goes; the picture at t has every knob at
    t times that, up to its end.

    Parameters
    ----------
    image
        The photograph as the edit under test shows it untouched, uint8, (H, W, 3).
    operations
        Keys of `KNOBS`.
    """

    def __init__(self, image: Picture, operations: Sequence[str]) -> None:
        self.image = image
        self.operations = [name for name in KNOBS if name in operations]
        self._furthest: float | None = None

    def others(self, seed: int, count: int) -> dict[str, NDArray[Any]]:
        """Return draws: a value a knob, 0 where the operation is not chosen."""
        draws = [self._draw(seed_for(seed, "other", k)) for k in range(count)]
        return {name: np.array([draw[name] for draw in draws]) for name in draws[0]}

    def _draw(self, seed: int) -> dict[str, float | int]:
        rng = rng_for("placebo of a photograph", seed)
        # Any number of operations is as likely, so that there are pure ones and mixtures.
        chosen = rng.permutation(self.operations)[: rng.integers(1, len(self.operations) + 1)]
        found: dict[str, float | int] = {"towards": rng.uniform(0, 360), "seed": seed}
        for name in self.operations:
            knob = KNOBS[name]
            low = -knob.drawn if knob.two_sided else 0.0
            value = rng.uniform(low, knob.drawn)
            found[name] = value if name in chosen else 0.0
        return found

    def between(self, other: Mapping[str, NDArray[Any]], t: Array) -> tuple[Pictures, Array]:
        """Return the pictures at t (n,) on the ways to n draws or to one, and how far they are."""
        frames = []
        for place, share in enumerate(t):
            draw = {key: value[place if len(value) > 1 else 0] for key, value in other.items()}
            frames.append(self._at(draw, float(share)))
        made = np.stack(frames)
        return made, pixel_change(made, self.image)

    def _at(self, draw: Mapping[str, Any], share: float) -> Picture:
        knobs = {
            name: np.array([np.clip(share * draw[name], -KNOBS[name].most, KNOBS[name].most)])
            for name in self.operations
            if share * draw[name]
        }
        frame = self._moved(knobs, float(draw["towards"]))
        for name in self.operations:
            if name in knobs and name not in _MOVING:
                (frame,) = getattr(light, name)(frame, knobs[name], int(draw["seed"]))
        return frame

    def _moved(self, knobs: Mapping[str, Array], towards: float) -> Picture:
        """Return the picture turned, then shifted, in one step: interpolation costs the most."""
        size = self.image.shape[:2]
        inward = np.eye(3)
        if "rotate" in knobs:
            inward = warps.matrices("rotate", knobs["rotate"], size)[0]
        if "translate" in knobs:
            by = knobs["translate"] * min(size)
            inward = inward @ warps.matrices("translate", by, size, towards)[0]
        if not _MOVING & knobs.keys():
            return self.image
        return np.asarray(warps.warped(self.image, [inward], "reflect")[0])

    def furthest(self) -> float:
        """Return about how far any way leads."""
        if self._furthest is None:
            self._furthest = furthest_end(self, 0)
        return self._furthest


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
        FilePath(light.__file__),
        FilePath(warps.__file__),
        FilePath(matched.__file__),
        FilePath(references.__file__),
        FilePath(ways.__file__),
        FilePath(paths.__file__),
        FilePath(profiles.__file__),
    )
    takes_references = True

    def __init__(
        self,
        *,
        operations: Sequence[str] | None,
        tested: Sequence[str],
        steps: int,
        tolerance: float,
        profiles: Mapping[str, Sequence[Sequence[float]]] | None = None,
        references: References | None = None,
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

    def _references(self) -> References:
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
