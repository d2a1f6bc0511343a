"""Ways that lead from a picture to others alike, and how far each step on them is."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zollstock.engines.base import Unmatched
from zollstock.profiles import Point, mismatch, nearest, slack_of

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]
Pictures = NDArray[np.uint8]

CANDIDATES = 16
"""Draws among which one is looked for that leads far enough."""
MANY = 4 * CANDIDATES
_AT_ONCE = 2
REACHES = (1.0, 3.0)
"""How far beyond a draw a way goes on where none of them is far enough, in its own length."""
_ROUNDS = 3
_NEAR = 1.05
"""A frame whose size is off by a smaller factor is not drawn again."""


class Start(Protocol):
    """Where ways begin: a picture, and the others that differ from it in nothing that matters.

    Attributes
    ----------
    image
        The picture, uint8, shape (H, W, 3).
    """

    image: Picture

    def others(self, seed: int, count: int) -> Mapping[str, NDArray[Any]]:
        """Return draws of what may change, from a seed: (count,) each."""

    def between(self, other: Mapping[str, NDArray[Any]], t: Array) -> tuple[Pictures, Array]:
        """Return the pictures at t (n,) on the ways to n draws, and how far they are, (n,).

        One draw may stand for all n.
        """

    def furthest(self) -> float:
        """Return about how far any way leads: the furthest end of many, the same for all draws."""


def furthest_end(start: Start, seed: int) -> float:
    """Return the size at the furthest end of many ways."""
    _, sizes = start.between(start.others(seed, MANY), np.full(MANY, REACHES[-1]))
    return float(sizes.max())


class Way:
    """From a picture towards a draw of what may change in it.

    Of `CANDIDATES` draws the first is taken that is far enough at t = 1; only where none is, the
    ways of all are followed further.

    Parameters
    ----------
    start
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

    def __init__(self, start: Start, seed: int, furthest: float, tolerance: float) -> None:
        self.start = start
        others = start.others(seed, CANDIDATES)
        self.length, slack = -1.0, slack_of(furthest)
        for reach in REACHES:
            for first in range(0, CANDIDATES, _AT_ONCE):
                part = slice(first, first + _AT_ONCE)
                some = {name: value[part] for name, value in others.items()}
                _, sizes = start.between(some, np.full(_AT_ONCE, reach))
                far = np.flatnonzero(sizes >= furthest)
                best = int(far[0]) if len(far) else int(sizes.argmax())
                if sizes[best] > self.length:
                    self.length, self.reach = float(sizes[best]), reach
                    self.other = {name: value[best : best + 1] for name, value in some.items()}
                if len(far):
                    return
                # Asked once the first have failed, whatever other draws found before.
                if mismatch(min(start.furthest(), furthest), furthest, slack) > 1 + tolerance:
                    return

    def frames(self, sizes: Sequence[float]) -> tuple[Pictures, Array]:
        """Return frames that are so far from the image, (n, H, W, 3), and t of each, (n,)."""
        wanted = np.asarray(sizes, np.float64)
        slack = slack_of(wanted)
        low, high = np.zeros(len(wanted)), np.full(len(wanted), self.reach)
        below, above = np.zeros(len(wanted)), np.full(len(wanted), max(self.length, 1e-9))
        result = np.repeat(self.start.image[None], len(wanted), axis=0)
        reached, at = np.zeros(len(wanted)), np.zeros(len(wanted))
        for _ in range(1 + _ROUNDS):
            todo = np.flatnonzero(mismatch(reached, wanted, slack) > _NEAR)
            if not len(todo):
                break
            share = (wanted - below) / np.maximum(above - below, 1e-9)
            t = low + np.clip(share, 0.05, 1.0) * (high - low)
            frames, found = self.start.between(self.other, t[todo])
            for place, frame, size in zip(todo, frames, found, strict=True):
                if nearest([reached[place], size], wanted[place], slack):
                    result[place], reached[place], at[place] = frame, size, t[place]
                if size < wanted[place]:
                    low[place], below[place] = t[place], size
                else:
                    high[place], above[place] = t[place], size
        return result, at


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
    off = mismatch(list(made), sizes, slack_of(sizes))
    worst = int(off.argmax())
    if off[worst] > 1 + tolerance:
        raise Unmatched(
            f"the placebo changes pixels by {made[worst]:.3g} where the edit changes them by "
            f"{sizes[worst]:.3g}"
        )
