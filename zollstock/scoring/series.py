"""A series p along an axis x, checked once and then taken by every statistic.

A series holds one number at the S steps of a path; statistics take one (S,) or a batch (N, S) and
answer a float or an array (N,). One with NaN or infinity is NaN in the answer and touches no
other. The axis is the property's value at each step: it rises or falls throughout, in steps of any
size.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array, Flags
from zollstock.errors import ZollstockError

BLOCK = 256  # series held in float64 at a time: memory stays flat in N, and in the cache


LARGEST = 1e100
"""A prediction beyond this is a fault: its square is no number any more."""


@dataclass(frozen=True)
class Series:
    """Series that fit their axis; made by `Series.of`, which checks that they do.

    Attributes
    ----------
    p
        Real numbers, shape (N, S), NaN and infinity included.
    axis
        float64, shape (N, S), rising or falling throughout in each row.
    single
        Whether one series (S,) was given, so that answers are floats.
    """

    p: npt.NDArray[Any]
    axis: Array
    single: bool

    @classmethod
    def of(
        cls,
        p: "SeriesLike",
        axis: npt.ArrayLike | None = None,
        *,
        min_steps: int = 2,
        names: Sequence[str] | None = None,
    ) -> "Series":
        """Return checked series; those that are already come back as they are.

        Parameters
        ----------
        p
            Shape (S,) or (N, S), or `Series`, whose axis is kept.
        axis
            Shape (S,) for all series or (N, S); None stands for linspace(0, 1, S).
        min_steps
            Fewest steps.
        names
            What each row is called where its axis is wrong.

        Raises
        ------
        ZollstockError
            If p is not numeric, not (S,) or (N, S), or shorter than `min_steps`; or the axis has
            another shape, or a row of it NaN, infinity, a repeated value or a turn.
        """
        if isinstance(p, Series):
            _check_steps(p.p, min_steps)
            return p
        values, single = as_batch(p, min_steps)
        return cls(values, as_axis(axis, values.shape, names), single)

    def __len__(self) -> int:
        return len(self.p)

    @property
    def steps(self) -> int:
        """S."""
        return int(self.p.shape[1])

    def blocks(self, size: int = BLOCK) -> Iterator["Block"]:
        """Yield the series in float64, so many at a time."""
        for first in range(0, len(self.p), size):
            part = slice(first, first + size)
            rows, usable = clean_block(self.p[part])
            yield Block(part, rows, self.axis[part], usable)

    def each(self, function: Callable[["Block"], Array], size: int = BLOCK) -> Any:  # noqa: ANN401 - float or array, as p
        """Return a function's numbers (n,) of every block, NaN where a series has no number."""
        result = np.full(len(self.p), np.nan)
        for block in self.blocks(size):
            result[block.part] = np.where(block.usable, function(block), np.nan)
        return self.answer(result)

    def answer(self, values: Array) -> Any:  # noqa: ANN401 - float or array, as p
        """Return one number for one series, and the array otherwise."""
        return float(values[0]) if self.single else values


@dataclass(frozen=True)
class Block:
    """Some of the series, ready to be computed with.

    Attributes
    ----------
    part
        Which of the rows these are.
    rows
        float64, shape (n, S), C order; 0 throughout where a series has NaN or infinity.
    axis
        Shape (n, S).
    usable
        Which rows have numbers only, shape (n,).
    """

    part: slice
    rows: Array
    axis: Array
    usable: Flags

    @property
    def x(self) -> Array:
        """The axis scaled to run from 0 to 1, shape (n, S)."""
        return unit_axis(self.axis)


SeriesLike: TypeAlias = npt.ArrayLike | Series


def real_array(
    values: npt.ArrayLike, where: str, dimensions: tuple[int, ...], shapes: str, fix: str
) -> npt.NDArray[Any]:
    """Check that something is an array of real numbers and return it.

    Parameters
    ----------
    values
        What was given.
    where
        What it is called in the error.
    dimensions
        How many dimensions it may have.
    shapes
        The same in words, such as ``(S,) or (N, S)``.
    fix
        The next step for the user.

    Raises
    ------
    ZollstockError
        If it is not numeric, has rows of unequal length, or another number of dimensions.
    """
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.empty(0, object)  # rows of unequal length
    if array.dtype.kind not in "buif":
        raise ZollstockError(
            where,
            "values that are not real numbers, or rows of unequal length",
            f"an array of shape {shapes}",
            fix,
        )
    if array.ndim not in dimensions:
        raise ZollstockError(where, f"shape {array.shape}", shapes, fix)
    return array


def as_batch(p: npt.ArrayLike, min_steps: int = 2) -> tuple[npt.NDArray[Any], bool]:
    """Check a series or batch and return it as (N, S), with whether it was a single series.

    Raises
    ------
    ZollstockError
        If it is not numeric, not (S,) or (N, S), shorter than `min_steps`, or holds a number
        that no model says.
    """
    fix = "Pass the probabilities of one class; flatten everything before the step axis."
    values = real_array(p, "prediction series", (1, 2), "(S,) or (N, S)", fix)
    _check_steps(values, min_steps)
    rows = np.atleast_2d(values)
    parts = (rows[first : first + BLOCK] for first in range(0, len(rows), BLOCK))
    largest = max(
        (float(np.abs(part[np.isfinite(part)]).max(initial=0)) for part in parts), default=0
    )
    if largest > LARGEST:
        raise ZollstockError(
            "prediction series",
            f"a value of {largest:.3g}",
            "probabilities, logits or margins",
            "Look at where it comes from: sums of such numbers are no longer numbers.",
        )
    return rows, values.ndim == 1


def _check_steps(values: npt.NDArray[Any], min_steps: int) -> None:
    if values.shape[-1] < min_steps:
        raise ZollstockError(
            "prediction series",
            f"{values.shape[-1]} step(s)",
            f"at least {min_steps}",
            "Make the path longer, or choose a statistic that needs fewer steps.",
        )


def clean_block(values: npt.NDArray[Any]) -> tuple[Array, Flags]:
    """Return float64 rows, C order, with unusable rows set to 0, and the mask of usable ones."""
    rows = np.array(values, dtype=np.float64, order="C")
    usable = np.asarray(np.isfinite(rows).all(axis=1))
    rows[~usable] = 0
    return rows, usable


def runs_one_way(axis: Array) -> Flags:
    """Return, for each row of (n, S), whether it is finite and rises or falls throughout."""
    change = np.diff(axis, axis=1)
    one_way = (change > 0).all(axis=1) | (change < 0).all(axis=1)
    return np.asarray(one_way & np.isfinite(axis).all(axis=1))


def unit_axis(axis: Array) -> Array:
    """Return (axis - first) / (last - first) for each row of (n, S): x from 0 to 1."""
    first = axis[:, :1]
    return np.asarray((axis - first) / (axis[:, -1:] - first))


def as_axis(
    axis: npt.ArrayLike | None, shape: tuple[int, ...], names: Sequence[str] | None = None
) -> Array:
    """Check an axis and return it as (N, S) beside a batch of that shape.

    Parameters
    ----------
    axis
        Shape (S,) for all series or (N, S); None stands for linspace(0, 1, S).
    shape
        N and S.
    names
        What each row is called where its axis is wrong; no more than "axis" without.

    Raises
    ------
    ZollstockError
        If it is not numeric, has another shape, or a row has NaN, infinity, a repeated value
        or a turn.
    """
    if axis is None:
        return np.broadcast_to(np.linspace(0, 1, shape[1]), shape)
    try:
        values = np.atleast_2d(np.asarray(axis, dtype=np.float64))
    except (TypeError, ValueError):
        values = np.empty((0, 0))  # refused below, as any other wrong shape
    if values.ndim != 2 or values.shape[1] != shape[1] or len(values) not in (1, shape[0]):
        raise ZollstockError(
            "axis",
            f"shape {np.shape(axis)}" if values.size else "no array of numbers",
            f"({shape[1]},) or {shape}",
            "Pass the property's value at each step of the series.",
        )
    turning = np.flatnonzero(~runs_one_way(values))
    if len(turning):
        raise ZollstockError(
            f"axis of {names[turning[0]]}" if names else "axis",
            "neither rises nor falls throughout",
            "finite values in order, each once",
            "Sort the steps by their axis; leave out repeated and unused ones.",
        )
    return np.broadcast_to(values, shape)
