"""Photographs a little disturbed: how a placebo's frames are made, and made again.

A frame is a function of the photograph and of a few numbers: a draw of what is done to it, and t,
how far. So stores keep these numbers, the recipe, in place of the frames; see `zollstock.recipes`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zollstock.engines.pixels import light, warps
from zollstock.engines.placebos.ways import Array, Picture, Pictures, Way, furthest_end
from zollstock.paths import pixel_change
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


def recipe_of(
    ways: Mapping[int, Way], sides: Sequence[int], at: Sequence[float], operations: Sequence[str]
) -> dict[str, Any]:
    """Return the recipe of a path, JSON-able.

    Parameters
    ----------
    ways
        Side → way; their start is a `Disturbed` with these operations.
    sides, at
        Of each frame: on which way it lies, and at which t.
    operations
        Keys of `KNOBS`.
    """
    order = list(ways)
    return {
        "maker": "disturbed",
        "operations": list(operations),
        "draws": [{name: value.tolist() for name, value in ways[k].other.items()} for k in order],
        "frames": [[order.index(k), float(t)] for k, t in zip(sides, at, strict=True)],
    }


def remade(recipe: Mapping[str, Any], unedited: Picture) -> Pictures:
    """Return the frames of a recipe again, (S, H, W, 3), from the photograph."""
    start = Disturbed(unedited, recipe["operations"])
    draws = [{name: np.array(value) for name, value in one.items()} for one in recipe["draws"]]
    frames = [start.between(draws[k], np.array([t]))[0][0] for k, t in recipe["frames"]]
    return np.stack(frames)
