"""One segment at a time: taken away alone, or kept alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Flags


def number(m: int, settings: Mapping[str, Any]) -> int:
    """Return how many samples there are: one a segment."""
    return m


def draw(m: int, settings: Mapping[str, Any], rng: np.random.Generator) -> Flags:
    """Return a sample for each segment, which is ``removed`` or ``kept`` alone."""
    alone = np.eye(m, dtype=bool)
    return alone if settings["which"] == "kept" else ~alone
