"""Two properties at once: how much each matters, and how much they matter together.

P(x_i, y_j) is the followed output on a grid of two properties, bilinear between the grid's
points. Inside a cell ∂p/∂x is a straight line in y, ∂p/∂y one in x, and ∂²p/∂x∂y a constant, so
the means of their magnitudes over x, y in [0, 1] have closed forms.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.scoring.series import as_axis, clean_block, real_array, unit_axis

_AT_ONCE = 2**20  # numbers held in float64 at a time


@dataclass(frozen=True)
class GridGradients:
    """Mean magnitudes over the unit square: floats for one grid (A, B), arrays (N,) for many.

    Parameters
    ----------
    first, second
        ∬ |∂p/∂x| dx dy and ∬ |∂p/∂y| dx dy: the `epgm` along one property, averaged over
        the other, in units of p per range of the property.
    interaction
        ∬ |∂²p/∂x∂y| dx dy, in units of p: how far the effect of one property depends on the
        other. 0 exactly where p(x, y) = f(x) + g(y).
    """

    first: Any
    second: Any
    interaction: Any


def _mean_magnitude(start: Array, end: Array) -> Array:
    """Return ∫₀¹ |(1 - t) start + t end| dt."""
    size = np.abs(start) + np.abs(end)
    # Of opposite signs: two triangles that meet where the line crosses 0.
    triangles = np.divide(start**2 + end**2, size, out=np.zeros_like(size), where=size > 0)
    return np.asarray(np.where(start * end < 0, triangles, size) / 2)


def grid_gradients(
    p: npt.ArrayLike,
    first_axis: npt.ArrayLike | None = None,
    second_axis: npt.ArrayLike | None = None,
) -> GridGradients:
    """Return mean |∂p/∂x|, |∂p/∂y| and |∂²p/∂x∂y| of p on a grid of two properties.

    Exact for the bilinear interpolation of the grid; lines added on that surface change
    nothing. Widths matter here, unlike along one path: a difference at y_j counts for the
    stretch of y that it stands for.

    Parameters
    ----------
    p
        Shape (A, B) or (N, A, B), A, B >= 2: first property along A, second along B.
    first_axis, second_axis
        The properties' values, (A,) or (N, A) and (B,) or (N, B), rising or falling
        throughout; default even. Scaled to [0, 1].

    Returns
    -------
    GridGradients
        All 0 for a constant grid; NaN for a grid with NaN or infinity anywhere.

    Raises
    ------
    ZollstockError
        If p has another shape or an axis does not fit it.
    """
    fix = "Pass one class's probability for every pair of steps."
    values = real_array(p, "prediction grid", (2, 3), "(A, B) or (N, A, B)", fix)
    if min(values.shape[-2:]) < 2:
        raise ZollstockError(
            "prediction grid", f"shape {values.shape}", "at least 2 steps of each property", fix
        )
    single = values.ndim == 2
    values = values[None] if single else values
    number, rows, columns = values.shape
    along_first = unit_axis(as_axis(first_axis, (number, rows)))
    along_second = unit_axis(as_axis(second_axis, (number, columns)))
    result = np.full((3, number), np.nan)
    block = max(1, _AT_ONCE // (rows * columns))
    for start in range(0, number, block):
        part = slice(start, start + block)
        flat, usable = clean_block(values[part].reshape(-1, rows * columns))
        grid = flat.reshape(-1, rows, columns)
        down, across = np.diff(grid, axis=1), np.diff(grid, axis=2)
        # A difference is divided by its own width and weighted by its cell: that width cancels.
        first = _mean_magnitude(down[:, :, :-1], down[:, :, 1:]).sum(axis=1)
        second = _mean_magnitude(across[:, :-1], across[:, 1:]).sum(axis=2)
        both = np.abs(np.diff(down, axis=2)).sum(axis=(1, 2))
        block_result = np.array(
            [
                (first * np.diff(along_second[part], axis=1)).sum(axis=1),
                (second * np.diff(along_first[part], axis=1)).sum(axis=1),
                both,
            ]
        )
        block_result[:, ~usable] = np.nan
        result[:, part] = block_result
    fields: list[Any] = [float(row[0]) for row in result] if single else list(result)
    return GridGradients(*fields)
