"""Ways that lead from a drawn image to other nuisances, and how far each step on them is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zollstock.engines.base import Unmatched
from zollstock.paths import pixel_change
from zollstock.profiles import Point, mismatch, nearest
from zollstock.seeds import seed_for
from zollstock.worlds.base import Latents, World

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]
Pictures = NDArray[np.uint8]

CANDIDATES = 16
"""Draws among which one is looked for that leads far enough."""
_AT_ONCE = 2
REACHES = (1.0, 3.0)
"""How far beyond a draw a way goes on where none of them is far enough, in its own length."""
_ROUNDS = 3
_NEAR = 1.05
"""A frame whose size is off by a smaller factor is not drawn again."""


class Nuisances:
    """The pictures that differ from an image in its nuisances alone.

    The picture at t on the way to a draw z′ has the latents z + t·(z′ − z). Beyond t = 1 each
    latent goes on as far as the world's range of it allows.

    Parameters
    ----------
    world, size, latents
        The drawn world, the size of its pictures, and the nuisances that change.
    start
        Latents of the image, (1,) each.
    label
        Its class, by number.
    """

    def __init__(
        self, world: World, size: int, latents: Sequence[str], start: Latents, label: int
    ) -> None:
        self.world, self.size, self.latents, self.start = world, size, latents, start
        self.label = label
        self.image: Picture = self._render(start)[0]
        self._furthest: float | None = None

    def others(self, seed: int, count: int) -> Latents:
        """Return draws of all latents, from a seed."""
        seeds = np.array([seed_for(seed, "other", k) for k in range(count)], np.uint64)
        return self.world.sample(np.full(count, self.label), seeds)

    def between(self, other: Latents, t: Array) -> tuple[Pictures, Array]:
        """Return the pictures at t (n,) on the ways to n draws, and how far they are, (n,)."""
        mixed = {name: np.repeat(value, len(t)) for name, value in self.start.items()}
        for name in self.latents:
            low, high = self.world.latent_ranges.get(name, (-np.inf, np.inf))
            # Latents without a range have been drawn from theirs: they stop where the draw is.
            share = t if name in self.world.latent_ranges else np.minimum(t, 1.0)
            mixed[name] = np.clip(
                self.start[name] + share * (other[name] - self.start[name]), low, high
            )
        frames = self._render(mixed)
        return frames, pixel_change(frames, self.image)

    def furthest(self) -> float:
        """Return about how far any way leads: the furthest end of many, the same for all draws."""
        if self._furthest is None:
            ends = self.others(self.label, 4 * CANDIDATES)
            _, sizes = self.between(ends, np.full(4 * CANDIDATES, REACHES[-1]))
            self._furthest = float(sizes.max())
        return self._furthest

    def _render(self, latents: Latents) -> Pictures:
        return self.world.render(latents, size=self.size, masks=False).frames


class DrawnWay:
    """From an image towards another draw of its nuisances.

    Of `CANDIDATES` draws the first is taken that is far enough at t = 1; only where none is, the
    ways of all are followed further.

    Parameters
    ----------
    nuisances
        Of the image.
    seed
        Of the draws.
    furthest
        The size that has to be reached, as a mean absolute pixel change.
    tolerance
        By which share it may be missed. Where even the longest ways miss it by more, none is
        looked for.

    Attributes
    ----------
    length
        The size at the way's end.
    """

    def __init__(self, nuisances: Nuisances, seed: int, furthest: float, tolerance: float) -> None:
        self.nuisances = nuisances
        others = nuisances.others(seed, CANDIDATES)
        self.length = -1.0
        for reach in REACHES:
            for first in range(0, CANDIDATES, _AT_ONCE):
                part = slice(first, first + _AT_ONCE)
                some = {name: value[part] for name, value in others.items()}
                _, sizes = nuisances.between(some, np.full(_AT_ONCE, reach))
                far = np.flatnonzero(sizes >= furthest)
                best = int(far[0]) if len(far) else int(sizes.argmax())
                if sizes[best] > self.length:
                    self.length, self.reach = float(sizes[best]), reach
                    self.other = {name: value[best : best + 1] for name, value in some.items()}
                if len(far):
                    return
                # Asked once the first have failed, whatever other draws found before.
                if mismatch(min(nuisances.furthest(), furthest), furthest) > 1 + tolerance:
                    return

    def frames(self, sizes: Sequence[float]) -> Pictures:
        """Return frames that are so far from the image, (n, H, W, 3)."""
        wanted = np.asarray(sizes, np.float64)
        low, high = np.zeros(len(wanted)), np.full(len(wanted), self.reach)
        below, above = np.zeros(len(wanted)), np.full(len(wanted), max(self.length, 1e-9))
        result = np.repeat(self.nuisances.image[None], len(wanted), axis=0)
        reached = np.zeros(len(wanted))
        for _ in range(1 + _ROUNDS):
            todo = np.flatnonzero(mismatch(reached, wanted) > _NEAR)
            if not len(todo):
                break
            share = (wanted - below) / np.maximum(above - below, 1e-9)
            t = low + np.clip(share, 0.05, 1.0) * (high - low)
            frames, found = self.nuisances.between(self.other, t[todo])
            for place, frame, size in zip(todo, frames, found, strict=True):
                if nearest([reached[place], size], wanted[place]):
                    result[place], reached[place] = frame, size
                if size < wanted[place]:
                    low[place], below[place] = t[place], size
                else:
                    high[place], above[place] = t[place], size
        return result


def check_matched(made: Sequence[float], wanted: Sequence[Point], tolerance: float) -> None:
    """Raise unless every frame of a placebo is as far from its reference as the edit's.

    Parameters
    ----------
    made
        Sizes of the placebo's frames.
    wanted
        The profile they were made to.
    tolerance
        By which share they may be off.

    Raises
    ------
    Unmatched
        With what was reached of the size that fits worst.
    """
    sizes = [point.size for point in wanted]
    off = mismatch(list(made), sizes)
    worst = int(off.argmax())
    if off[worst] > 1 + tolerance:
        raise Unmatched(
            f"the placebo changes pixels by {made[worst]:.3g} where the edit changes them by "
            f"{sizes[worst]:.3g}"
        )
