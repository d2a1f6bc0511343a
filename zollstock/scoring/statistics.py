"""What is measured on a prediction series: a registry of statistics, and plain summaries.

A series p holds the probability of one class at the S steps of a path. Statistics take one
series (S,) or a batch (N, S) and answer a float or an array (N,). A series with NaN or
infinity scores NaN; the other series of its batch are not touched by it.

The axis of a path is the property's value at each step. It rises or falls throughout, in
steps of any size. Statistics that ask for it get it as x, scaled to run from 0 to 1.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError

Array = npt.NDArray[np.float64]
Rows = Callable[..., Array]
Tail = Literal["centred", "absolute", "greater"]
_Function = TypeVar("_Function", bound=Rows)

BLOCK = 256  # series held in float64 at a time: memory stays flat in N, and in the cache
NEIGHBOURS = 5


@dataclass(frozen=True)
class Statistic:
    """One way to turn a series into a number.

    Parameters
    ----------
    name
        The name that tables carry.
    rows
        Scores of finite float64 rows p (n, S), n >= 1, as an array (n,). Each row's score
        must not depend on the other rows. Called as ``rows(p)``, or as ``rows(p, x)`` with x
        of shape (n, S), each row running from 0 to 1, where `uses_axis` is set.
    min_steps
        Fewest steps S for which it is defined.
    tail
        What the shuffle test counts as at least as extreme as the observed T₀:
        ``centred`` |T - m| >= |T₀ - m| with m the mean of the permutations, ``absolute``
        |T| >= |T₀|, ``greater`` T >= T₀.
    uses_axis
        Whether the score depends on the axis. The shuffle test permutes p over a fixed x.
    """

    name: str
    rows: Rows
    min_steps: int
    tail: Tail
    uses_axis: bool = False

    def scores(self, p: Array, axis: Array) -> Array:
        """Return the scores (n,) of finite rows p (n, S) along a checked axis (n, S)."""
        return self.rows(p, unit_axis(axis)) if self.uses_axis else self.rows(p)


_REGISTRY: dict[str, Statistic] = {}


def register(
    name: str, *aliases: str, min_steps: int, tail: Tail, uses_axis: bool = False
) -> Callable[[_Function], _Function]:
    """Register a function of rows as a statistic; see `Statistic` for the arguments."""

    def keep(function: _Function) -> _Function:
        statistic = Statistic(name, function, min_steps, tail, uses_axis)
        for known in (name, *aliases):
            _REGISTRY[known] = statistic
        return function

    return keep


def names() -> tuple[str, ...]:
    """Return every name and alias of a statistic, sorted."""
    return tuple(sorted(_REGISTRY))


def get_statistic(name: str) -> Statistic:
    """Return the statistic of that name or alias.

    Raises
    ------
    ZollstockError
        If there is none; the message names the nearest.
    """
    if name in _REGISTRY:
        return _REGISTRY[name]
    near = difflib.get_close_matches(str(name), names(), n=3, cutoff=0.4)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Choose one of them."
    raise ZollstockError("statistic", repr(name), f"one of {', '.join(names())}", hint)


@register("paper_grad", "grad", min_steps=2, tail="centred")
def _grad(rows: Array) -> Array:
    """Mean |gradient|; central differences inside, one-sided at both ends, unit spacing."""
    score: Array = np.abs(np.gradient(rows, axis=1)).mean(axis=1)
    return score


@register("epgm", min_steps=2, tail="centred")
def _epgm(rows: Array) -> Array:
    """Mean |dp/dx| over x in [0, 1] of the straight lines between the steps.

    Each piece is weighted by its width: Σ (|Δp|/Δx) Δx. The widths cancel, whatever the
    spacing, so x is not needed.
    """
    score: Array = np.abs(np.diff(rows, axis=1)).sum(axis=1)
    return score


@register("corr", min_steps=2, tail="absolute")
def _corr(rows: Array) -> Array:
    """Pearson's r with linspace(0, 1, S); 0 for a constant series."""
    from zollstock.scoring.kernels import unit

    if rows.shape[1] == 2:
        return np.sign(rows[:, 1] - rows[:, 0])
    grid = unit(np.linspace(0, 1, rows.shape[1])[None])
    score: Array = np.clip((unit(rows) * grid).sum(axis=1), -1, 1)
    return score


@register("mi", min_steps=NEIGHBOURS + 1, tail="greater")
def _mi(rows: Array) -> Array:
    """KSG mutual information with linspace(0, 1, S), nats; 0 for a constant series."""
    from zollstock.scoring.information import mi_null

    identity = np.arange(rows.shape[1], dtype=np.int32)[None]
    score = np.zeros(len(rows))
    for n in np.flatnonzero(rows.max(axis=1) > rows.min(axis=1)):
        score[n] = mi_null(rows[n], identity, NEIGHBOURS)[0]
    return score


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
        If it is not numeric, not (S,) or (N, S), or shorter than `min_steps`.
    """
    fix = "Pass the probabilities of one class; flatten everything before the step axis."
    values = real_array(p, "prediction series", (1, 2), "(S,) or (N, S)", fix)
    if values.shape[-1] < min_steps:
        raise ZollstockError(
            "prediction series",
            f"{values.shape[-1]} step(s)",
            f"at least {min_steps}",
            "Make the path longer, or choose a statistic that needs fewer steps.",
        )
    return np.atleast_2d(values), values.ndim == 1


def clean_block(values: npt.NDArray[Any]) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return float64 rows, C order, with unusable rows set to 0, and the mask of usable ones."""
    rows = np.array(values, dtype=np.float64, order="C")
    usable = np.asarray(np.isfinite(rows).all(axis=1))
    rows[~usable] = 0
    return rows, usable


def runs_one_way(axis: Array) -> npt.NDArray[np.bool_]:
    """Return, for each row of (n, S), whether it is finite and rises or falls throughout."""
    change = np.diff(axis, axis=1)
    one_way = (change > 0).all(axis=1) | (change < 0).all(axis=1)
    return np.asarray(one_way & np.isfinite(axis).all(axis=1))


def unit_axis(axis: Array) -> Array:
    """Return (axis - first) / (last - first) for each row of (n, S): x from 0 to 1."""
    first = axis[:, :1]
    return np.asarray((axis - first) / (axis[:, -1:] - first))


def as_axis(axis: npt.ArrayLike | None, shape: tuple[int, ...]) -> Array:
    """Check an axis and return it as (N, S) beside a batch of that shape.

    Parameters
    ----------
    axis
        Shape (S,) for all series or (N, S); None stands for linspace(0, 1, S).
    shape
        N and S.

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
    if not runs_one_way(values).all():
        raise ZollstockError(
            "axis",
            "neither rises nor falls throughout",
            "finite values in order, each once",
            "Sort the steps by their axis; leave out repeated and unused ones.",
        )
    return np.broadcast_to(values, shape)


def evaluate(name: str, p: npt.ArrayLike, axis: npt.ArrayLike | None = None) -> Any:  # noqa: ANN401 - float or array, as p
    """Return the statistic of that name on a series or batch.

    Parameters
    ----------
    name
        ``paper_grad`` (or ``grad``), ``epgm``, ``corr``, ``mi``, or a registered one.

        - paper_grad = (1/S) Σ |g_i|, g = ``numpy.gradient(p)``, per step;
        - epgm = ∫ |dp/dx| dx over x = (axis - first) / (last - first), p a straight line
          between steps: exactly Σ |p_{i+1} - p_i|, per range of the axis;
        - corr = Pearson's r of p and ``linspace(0, 1, S)``;
        - mi = KSG mutual information of the two in nats, 5 neighbours, equal to
          scikit-learn's ``mutual_info_regression`` with ``random_state=0``.

        All are 0 for a constant series. paper_grad, corr and mi know the steps by their
        number, as published, whatever the axis says. Source: Penzel & Denzler, WACV 2026;
        epgm is the integral that their mean gradient estimates.
    p
        Shape (S,) or (N, S).
    axis
        The property's values, shape (S,) or (N, S), rising or falling throughout, evenly
        spaced or not. Default: evenly spaced.

    Returns
    -------
    float or ndarray
        Shape () or (N,). NaN where a series holds NaN or infinity.

    Raises
    ------
    ZollstockError
        If the name is unknown, p has the wrong shape or fewer than 2 steps (mi: 6), or the
        axis has another shape, a turn, or a repeated or infinite value.
    """
    statistic = get_statistic(name)
    values, single = as_batch(p, statistic.min_steps)
    along = as_axis(axis, values.shape)
    score = np.full(len(values), np.nan)
    for first in range(0, len(values), BLOCK):
        part = slice(first, first + BLOCK)
        rows, usable = clean_block(values[part])
        score[part] = np.where(usable, statistic.scores(rows, along[part]), np.nan)
    return float(score[0]) if single else score


def direction(p: npt.ArrayLike) -> Any:  # noqa: ANN401 - float or array, as p
    """Return p[-1] - p[0], the signed change along the path; shapes as in `evaluate`."""
    values, single = as_batch(p)
    ends = values[:, [0, -1]].astype(np.float64)
    change = np.full(len(values), np.nan)
    usable = np.isfinite(values).all(axis=1)
    change[usable] = ends[usable, 1] - ends[usable, 0]
    return float(change[0]) if single else change


def prediction_flips(
    probabilities: npt.ArrayLike,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Return whether the predicted class changes along each path, and how many times.

    The predicted class is the arg-max, the lowest class index where several are equal.
    Frames with a NaN or infinity have no prediction: they are passed over, and the frames
    on either side of them are compared.

    Parameters
    ----------
    probabilities
        Shape (…, S, C), S >= 1, C >= 1.

    Returns
    -------
    flipped, changes
        Bool and int64, shape (…).

    Raises
    ------
    ZollstockError
        If there is no step axis or no class axis.
    """
    values = np.asarray(probabilities)
    if values.ndim < 2 or 0 in values.shape[-2:]:
        raise ZollstockError(
            "probabilities",
            f"shape {values.shape}",
            "(…, S, C) with at least one step and one class",
            "Pass the probabilities of all classes along the path.",
        )
    valid = np.isfinite(values).all(axis=-1)
    steps = np.arange(values.shape[-2])
    # The last frame with a prediction so far; before the first one, that first one.
    last = np.maximum.accumulate(np.where(valid, steps, -1), axis=-1)
    last = np.where(last < 0, valid.argmax(axis=-1)[..., None], last)
    top = np.take_along_axis(values.argmax(axis=-1), last, axis=-1)
    changes = np.count_nonzero(np.diff(top, axis=-1), axis=-1).astype(np.int64)
    return np.asarray(changes > 0), np.asarray(changes)
