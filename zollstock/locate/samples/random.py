"""Each segment kept with the same probability, on its own."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Flags


def number(m: int, settings: Mapping[str, Any]) -> int:
    """Return how many samples are drawn."""
    return int(settings["number"])


def draw(m: int, settings: Mapping[str, Any], rng: np.random.Generator) -> Flags:
    """Draw ``number`` samples that keep each segment with the probability ``kept``."""
    return rng.random((settings["number"], m)) < settings["kept"]
