"""The table of grids: how much each of two properties matters, and how much they interact."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from zollstock.arrays import Array
from zollstock.scoring.follow import Followed
from zollstock.scoring.grid import grid_gradients
from zollstock.scoring.outputs import Output


def axes_of(facts: Mapping[str, Any]) -> tuple[Array, Array]:
    """Return the axes of a grid's two properties, (A,) and (B,), from its manifest's facts."""
    first, second = (np.asarray(facts[key]["axis"], np.float64) for key in ("first", "second"))
    return first, second


def surfaces(target: Followed, facts: Mapping[str, Any]) -> Array:
    """Return the followed output on every grid, (N, A, B); NaN throughout for a failed path."""
    first, second = axes_of(facts)
    return target.series.reshape(len(target.images), len(first), len(second))


def grid_table(
    target: Followed,
    facts: Mapping[str, Any],
    names: Sequence[str],
    classes: Sequence[str],
    output: Output,
) -> pd.DataFrame:
    """Return a row per grid of one model.

    Parameters
    ----------
    target
        What is followed along the grids' paths.
    facts
        Of the grid's manifest.
    names
        The first and the second property.
    classes
        Names of the model's classes.
    output
        What is followed.

    Returns
    -------
    DataFrame
        Columns image, replicate, output (see `Output.of`), first, second (the properties),
        partial_first, partial_second and interaction; see `zollstock.scoring.grid`. Magnitudes
        of a failed path are NaN.
    """
    first, second = axes_of(facts)
    found = grid_gradients(surfaces(target, facts), first, second)
    followed = [output.of(classes[index]) if index >= 0 else None for index in target.chosen]
    return pd.DataFrame(
        {
            "image": target.images,
            "replicate": target.draws,
            "output": followed,
            "first": names[0],
            "second": names[1],
            "partial_first": found.first,
            "partial_second": found.second,
            "interaction": found.interaction,
        }
    )
