"""Several samplers joined, each with a share of the samples."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Flags
from zollstock.locate.samples import draw_samples, number_of


def number(m: int, settings: Mapping[str, Any]) -> int:
    """Return how many samples are drawn."""
    return sum(number_of(m, part) for part in _parts(settings))


def draw(m: int, settings: Mapping[str, Any], rng: np.random.Generator) -> Flags:
    """Draw the samples of each part, one part after the other.

    ``number`` is shared out by largest remainders. A part that has a number of its own whatever
    it is told, such as single segments, keeps it.
    """
    return np.concatenate([draw_samples(m, part, rng) for part in _parts(settings)])


def _parts(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    shares = np.array([part["share"] for part in settings["parts"]], float)
    exact = settings["number"] * shares / shares.sum()
    counts = np.floor(exact + 1e-9).astype(int)
    most = np.argsort(counts - exact, kind="stable")
    counts[most[: settings["number"] - counts.sum()]] += 1
    return [
        dict(part, number=int(count), per_segment=None)
        for part, count in zip(settings["parts"], counts, strict=True)
        if count
    ]
