"""All coalitions of segments."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Flags
from zollstock.errors import ZollstockError
from zollstock.locate.samples.unique import coalitions

_MOST = 16


def number(m: int, settings: Mapping[str, Any]) -> int:
    """Return how many samples there are, 2^M.

    Raises
    ------
    ZollstockError
        If M is too large.
    """
    if m > _MOST:
        raise ZollstockError(
            "locate: samples.exhaustive",
            f"would draw 2^{m} samples, of {m} segments",
            f"{_MOST} segments at most",
            "Choose fewer segments, or samples: {shapley: 1000}.",
        )
    return int(2**m)


def draw(m: int, settings: Mapping[str, Any], rng: np.random.Generator) -> Flags:
    """Return every sample once, the empty one first and the whole one last."""
    number(m, settings)
    return coalitions(m)
