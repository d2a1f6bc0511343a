"""What is measured on a prediction series: a registry of statistics, and plain summaries.

See `zollstock.scoring.series` for what a series is. Statistics that ask for the axis get it as x,
scaled to run from 0 to 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array, Counts, Flags, Indices
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.scoring.constants import MI_STEPS, NEIGHBOURS
from zollstock.scoring.series import Series, SeriesLike, unit_axis

Rows = Callable[..., Array]
Null = Callable[[Array, Indices], Array]
Tail = Literal["centred", "absolute", "greater"]
_Function = TypeVar("_Function", bound=Rows)

_NUMBERS = 2**14 - 1  # numbers of a series' orders held at a time: they stay in the cache


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
    null
        A faster way to the scores of many orders of one series, to the bit: from a finite p (S,)
        that is not constant and permutations (K, S) to an array (K,).
    """

    name: str
    rows: Rows
    min_steps: int
    tail: Tail
    uses_axis: bool = False
    null: Null | None = None

    def scores(self, p: Array, axis: Array) -> Array:
        """Return the scores (n,) of finite rows p (n, S) along a checked axis (n, S)."""
        return self.rows(p, unit_axis(axis)) if self.uses_axis else self.rows(p)

    def of_orders(self, p: Array, axis: Array, table: Indices) -> Array:
        """Return the scores (K,) of a finite p (S,) in the orders (K, S) along a fixed axis."""
        if p.max() == p.min():
            return np.repeat(self.scores(p[None], axis[None]), len(table))
        if self.null is not None:
            return self.null(p, table)
        return _by_blocks(
            p, table, lambda rows: self.scores(rows, np.broadcast_to(axis, rows.shape))
        )


def _by_blocks(p: Array, table: Indices, function: Callable[[Array], Array]) -> Array:
    """Return a function's numbers (K,) of p (S,) in the orders (K, S), some of them at a time."""
    found, at_once = np.empty(len(table)), max(1, _NUMBERS // p.size)
    room = np.empty((at_once, p.size))
    for first in range(0, len(table), at_once):
        orders = table[first : first + at_once]
        rows = room[: len(orders)]
        p.take(orders, out=rows, mode="clip")  # with "raise" it would make a copy
        found[first : first + at_once] = function(rows)
    return found


_REGISTRY: dict[str, Statistic] = {}


def register(
    name: str,
    *aliases: str,
    min_steps: int,
    tail: Tail,
    uses_axis: bool = False,
    null: Null | None = None,
) -> Callable[[_Function], _Function]:
    """Register a function of rows as a statistic; see `Statistic` for the arguments."""

    def keep(function: _Function) -> _Function:
        statistic = Statistic(name, function, min_steps, tail, uses_axis, null)
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
    raise ZollstockError(
        "statistic",
        repr(name),
        f"one of {', '.join(names())}",
        did_you_mean(name, names(), "Choose one of them."),
    )


def travel(rows: Array, lag: int) -> Array:
    """Return Σ |p_{i+lag} - p_i| of each row of (n, S), shape (n,)."""
    change = rows[:, lag:] - rows[:, :-lag]
    total: Array = np.abs(change, out=change).sum(axis=1)
    return total


@register("paper_grad", "grad", min_steps=2, tail="centred")
def _grad(rows: Array) -> Array:
    """Mean |gradient|; central differences inside, one-sided at both ends, unit spacing."""
    ends = np.abs(rows[:, 1] - rows[:, 0]) + np.abs(rows[:, -1] - rows[:, -2])
    inside = travel(rows, 2) if rows.shape[1] > 2 else 0.0
    score: Array = (2 * ends + inside) / (2 * rows.shape[1])
    return score


@register("epgm", min_steps=2, tail="centred")
def _epgm(rows: Array) -> Array:
    """Mean |dp/dx| over x in [0, 1] of the straight lines between the steps.

    Each piece is weighted by its width: Σ (|Δp|/Δx) Δx. The widths cancel, whatever the
    spacing, so x is not needed.
    """
    return travel(rows, 1)


def unit(rows: Array) -> Array:
    """Centre every row and scale it to length 1; a constant row becomes 0; shape (N, S)."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    centred[rows.max(axis=1) == rows.min(axis=1)] = 0
    largest = np.abs(centred).max(axis=1, keepdims=True, initial=0)
    centred /= np.where(largest > 0, largest, 1)  # squares of tiny values would vanish
    length = np.sqrt((centred * centred).sum(axis=1, keepdims=True))
    result: Array = centred / np.where(length > 0, length, 1)
    return result


def _with_grid(rows: Array) -> Array:
    """Return the inner product of each unit row (n, S) with the unit grid, shape (n,)."""
    grid = unit(np.linspace(0, 1, rows.shape[1])[None])
    r: Array = np.clip((rows * grid).sum(axis=1), -1, 1)
    return r


def _corr_null(p: Array, table: Indices) -> Array:
    """Return Pearson's r of p in every order; its mean and length are those of p in all."""
    return _by_blocks(unit(p[None])[0], table, _with_grid)


@register("corr", min_steps=2, tail="absolute", null=_corr_null)
def _corr(rows: Array) -> Array:
    """Pearson's r with linspace(0, 1, S); 0 for a constant series."""
    if rows.shape[1] == 2:
        return np.sign(rows[:, 1] - rows[:, 0])
    return _with_grid(unit(rows))


def _mi_null(p: Array, table: Indices) -> Array:
    from zollstock.scoring.information import mi_null

    return mi_null(p, table, NEIGHBOURS)


@register("mi", min_steps=MI_STEPS, tail="greater", null=_mi_null)
def _mi(rows: Array) -> Array:
    """KSG mutual information with linspace(0, 1, S), nats; 0 for a constant series."""
    identity = np.arange(rows.shape[1])[None]
    score = np.zeros(len(rows))
    for n in np.flatnonzero(rows.max(axis=1) > rows.min(axis=1)):
        score[n] = _mi_null(rows[n], identity)[0]
    return score


def evaluate(name: str, p: SeriesLike, axis: npt.ArrayLike | None = None) -> Any:  # noqa: ANN401 - float or array, as p
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
        Shape (S,) or (N, S), or a checked `Series`.
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
    series = Series.of(p, axis, min_steps=statistic.min_steps)
    return series.each(lambda block: statistic.scores(block.rows, block.axis))


def direction(p: SeriesLike) -> Any:  # noqa: ANN401 - float or array, as p
    """Return p[-1] - p[0], the signed change along the path; shapes as in `evaluate`."""
    return Series.of(p).each(lambda block: block.rows[:, -1] - block.rows[:, 0])


def prediction_flips(
    probabilities: npt.ArrayLike,
) -> tuple[Flags, Counts]:
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
