"""Ways that lead from a drawn image to other nuisances, and how far each step on them is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zollstock.engines.base import FailedPath
from zollstock.paths import pixel_change
from zollstock.profiles import Point, mismatch, nearest
from zollstock.seeds import seed_for
from zollstock.worlds.base import Latents, World

CANDIDATES = 16
"""Draws among which one is looked for that leads far enough."""
REACHES = (1.0, 2.0, 4.0, 8.0)
"""How far beyond a draw a way goes on where none of them is far enough, in its own length."""
_LOOKED_AT = 9
_ROUNDS = 3


class DrawnWay:
    """From an image towards another draw of its nuisances.

    The picture at t has the latents z + t·(z′ − z), where z′ is a draw that differs in the
    nuisances alone. Beyond t = 1 each latent goes on as far as the world's range of it allows.
    Of `CANDIDATES` draws the first is taken that is far enough at t = 1; only where none is, the
    ways of all are followed further.

    Parameters
    ----------
    world, size, latents
        The drawn world, the size of its pictures, and the nuisances that change.
    start
        Latents of the image, (1,) each.
    label
        Its class, by number.
    seed
        Of the draws.
    furthest
        The size that has to be reached, as a mean absolute pixel change.

    Attributes
    ----------
    length
        The size at the way's end.
    """

    def __init__(
        self,
        world: World,
        size: int,
        latents: Sequence[str],
        start: Latents,
        label: int,
        seed: int,
        furthest: float,
    ) -> None:
        self.world, self.size, self.latents, self.start = world, size, latents, start
        self.image = self._render(start)[0]
        seeds = np.array([seed_for(seed, "other", k) for k in range(CANDIDATES)], np.uint64)
        others = world.sample(np.full(CANDIDATES, label), seeds)
        best = -1.0
        for reach in REACHES:
            ends = self._between(others, np.full(CANDIDATES, reach))
            sizes = pixel_change(self._render(ends), self.image)
            far = np.flatnonzero(sizes >= furthest)
            chosen = int(far[0]) if len(far) else int(sizes.argmax())
            if sizes[chosen] > best:
                best, self.reach = float(sizes[chosen]), reach
                self.other = {name: value[chosen : chosen + 1] for name, value in others.items()}
            if len(far):
                break
        self.length = best
        self._t = np.zeros(1)
        self._frames, self._sizes = self.image[None], np.zeros(1)
        self._look(np.linspace(0, self.reach, _LOOKED_AT)[1:])

    def _between(self, other: Latents, t: NDArray[np.float64]) -> Latents:
        mixed = {name: np.repeat(value, len(t)) for name, value in self.start.items()}
        for name in self.latents:
            low, high = self.world.latent_ranges.get(name, (-np.inf, np.inf))
            # Latents without a range have been drawn from theirs: they stop where the draw is.
            share = t if name in self.world.latent_ranges else np.minimum(t, 1.0)
            there = self.start[name] + share * (other[name] - self.start[name])
            mixed[name] = np.clip(there, low, high)
        return mixed

    def _render(self, latents: Latents) -> NDArray[np.uint8]:
        return self.world.render(latents, size=self.size, masks=False).frames

    def _look(self, t: NDArray[np.float64]) -> None:
        frames = self._render(self._between(self.other, t))
        self._t = np.concatenate([self._t, t])
        self._frames = np.concatenate([self._frames, frames])
        self._sizes = np.concatenate([self._sizes, pixel_change(frames, self.image)])

    def frame(self, size: float) -> NDArray[np.uint8]:
        """Return the frame that is so far from the image: where the way first gets there."""
        for _ in range(_ROUNDS):
            if mismatch(self._sizes, size).min() <= 1.02 or size >= self._sizes.max():
                break
            order = np.argsort(self._t)
            t, sizes = self._t[order], self._sizes[order]
            after = int(np.argmax(sizes >= size))
            low, high = sizes[after - 1], sizes[after]
            share = np.clip((size - low) / (high - low), 0.05, 0.95)
            self._look(np.array([t[after - 1] + share * (t[after] - t[after - 1])]))
        found: NDArray[np.uint8] = self._frames[nearest(self._sizes, size)]
        return found


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
    FailedPath
        With what was reached of the size that fits worst.
    """
    sizes = [point.size for point in wanted]
    off = mismatch(list(made), sizes)
    worst = int(off.argmax())
    if off[worst] > 1 + tolerance:
        raise FailedPath(
            f"unmatched: the placebo changes pixels by {made[worst]:.3g} where the edit changes "
            f"them by {sizes[worst]:.3g}"
        )
