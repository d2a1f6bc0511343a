"""A random colour for all samples, or another for each."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.locate.context import Context
from zollstock.locate.fills import Fill, colours


def fill(
    image: npt.NDArray[np.uint8],
    labels: Indices,
    settings: Mapping[str, Any],
    rng: np.random.Generator,
    context: Context,
) -> Fill:
    """Return colours that are drawn from the cube of colours: one, or one for ``each`` sample."""
    number = context.samples if settings["each"] else 1
    drawn = colours(rng.integers(0, 256, size=(number, 3)))
    return Fill(drawn, np.arange(number) if settings["each"] else None)
