"""Random coalitions, no two of which are alike."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Flags
from zollstock.errors import ZollstockError

_LISTED = 16
"""Up to so many segments all coalitions are listed and drawn from."""
_ROUNDS = 30


def number(m: int, settings: Mapping[str, Any]) -> int:
    """Return how many samples are drawn: there are 2^M different ones at most."""
    wanted = int(settings["number"])
    return wanted if m > 40 else min(wanted, 2**m)


def draw(m: int, settings: Mapping[str, Any], rng: np.random.Generator) -> Flags:
    """Draw different samples one after the other, each segment kept with probability ``kept``.

    A sample that was drawn before is drawn again.

    Raises
    ------
    ZollstockError
        If so many different ones are hardly ever drawn.
    """
    wanted, p = number(m, settings), settings["kept"]
    if m <= _LISTED:
        every = coalitions(m)
        size = every.sum(1)
        chances = p**size * (1 - p) ** (m - size)
        # Without replacement in turn, which is what drawing again comes to (Efraimidis & Spirakis).
        order = np.argsort(rng.exponential(size=len(every)) / chances)
        return every[order[:wanted]]
    found = np.empty((0, m), bool)
    for _ in range(_ROUNDS):
        found = distinct(np.concatenate([found, rng.random((wanted, m)) < p]))
        if len(found) >= wanted:
            return found[:wanted]
    raise ZollstockError(
        "locate: samples.unique",
        f"wants {wanted} different samples of {m} segments, of which {len(found)} were found",
        "fewer samples, or a probability nearer to 0.5",
        "Correct number or unique.",
    )


def coalitions(m: int) -> Flags:
    """Return all 2^M samples of M segments, in the order of their binary numbers."""
    return (np.arange(2**m)[:, None] >> np.arange(m) & 1).astype(bool)


def distinct(kept: Flags) -> Flags:
    """Return each sample once, in the order of its first appearance."""
    _, first = np.unique(np.packbits(kept, axis=1), axis=0, return_index=True)
    return kept[np.sort(first)]
