"""The shuffle test of whether the order along the path matters.

The series is permuted K times and the statistic taken again. Under the null hypothesis the
values along the path are exchangeable; smooth paths break that by their smoothness alone,
so a small p-value says that neighbours resemble each other, not that the property matters.
Source: Penzel & Denzler, WACV 2026; the +1 in the p-value: Phipson & Smyth, "Permutation
p-values should never be zero", SAGMB 9 (2010).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array, Indices
from zollstock.errors import ZollstockError
from zollstock.scoring.moments import EXACT, null_moments
from zollstock.scoring.permutations import permutations
from zollstock.scoring.series import BLOCK, Block, Series, SeriesLike
from zollstock.scoring.statistics import Statistic, Tail, get_statistic

CLOSE = 1e-12  # a null value this near the observed one, relative to the largest, is a tie
_NUMBERS = 2**22  # scores, or places of permutations, held at a time


@dataclass(frozen=True)
class ShuffleTest:
    """Result of a shuffle test: floats for one series (S,), arrays (N,) for a batch.

    Parameters
    ----------
    statistic
        Name of the statistic.
    score
        T₀, the statistic of the series as it stands.
    p_value
        (b + 1) / (K + 1), b the number of permutations at least as extreme as T₀: never 0.
    p_paper
        b / K as the paper counts b: like `p_value`, but for `mi` only T > T₀. It is 0 where
        no permutation is as extreme, and 1 for a constant series.
    null_mean, null_std
        Mean and standard deviation of the null: exact for paper_grad and epgm, otherwise of
        the K permutations (divisor K - 1).
    z
        (score - null_mean) / null_std; 0 where null_std is 0.
    num
        K, the number of permutations.
    seed
        Seed of the permutations.
    """

    statistic: str
    score: Any
    p_value: Any
    p_paper: Any
    null_mean: Any
    null_std: Any
    z: Any
    num: int
    seed: int


def as_number(num: object) -> int:
    """Return K, checked."""
    if isinstance(num, bool) or not isinstance(num, int | np.integer) or num < 1:
        raise ZollstockError(
            "num", repr(num), "a whole number, 1 or more", "Ask for 1000 permutations."
        )
    return int(num)


def _null(statistic: Statistic, block: Block, num: int, seed: int) -> Array:
    """Return T₀ and the permuted scores of each series, shape (n, 1 + K).

    A table of permutations serves all series before the next is made, so that memory does not
    grow with K times S. The series itself is tried as one more order, so that equal scores are
    equal to the bit.
    """
    number, steps = block.rows.shape
    values = np.empty((number, 1 + num))
    at_once = max(1, _NUMBERS // steps)
    tables: list[tuple[int, Indices]] = [(0, np.arange(steps)[None])]
    for first in range(0, num, at_once):
        table = permutations(steps, min(first + at_once, num), seed=seed, start=first)
        tables.append((1 + first, table))
        for start, orders in tables:
            for n in np.flatnonzero(block.usable):
                found = statistic.of_orders(block.rows[n], block.axis[n], orders)
                values[n, start : start + len(orders)] = found
        tables = []
    values[~block.usable] = 0
    return values


def tally(tail: Tail, values: Array) -> tuple[Array, Array, Array, Array]:
    """Compare T₀ with its null and return b of `p_value`, b of `p_paper`, mean and deviation.

    Values closer than rounding count as equal: a permutation that puts equal values in each
    other's places must tie with the series, in whatever order its terms were added.

    Parameters
    ----------
    tail
        What counts; see `zollstock.scoring.statistics.Statistic`.
    values
        T₀ and the null of each series, shape (n, 1 + K); overwritten.
    """
    slack = CLOSE * np.abs(values).max(axis=1)
    null, base = values[:, 1:], values[:, 0]
    mean = null.mean(axis=1)
    std = null.std(axis=1, ddof=1) if null.shape[1] > 1 else np.zeros(len(null))
    std[std <= slack] = 0
    if tail == "centred":
        values -= mean[:, None]
    if tail != "greater":
        np.abs(values, out=values)
    at_least = (null >= (base - slack)[:, None]).sum(axis=1).astype(np.float64)
    above = (null > (base + slack)[:, None]).sum(axis=1).astype(np.float64)
    return at_least, above if tail == "greater" else at_least, mean, std


def shuffle_test(
    p: SeriesLike,
    statistic: str = "paper_grad",
    num: int = 1000,
    seed: int = 0,
    axis: npt.ArrayLike | None = None,
) -> ShuffleTest:
    """Compare a series' score with the scores of its random orders.

    Permutation k belongs to (seed, S, k): a series has the same result alone, in any batch,
    in any order and in any number of processes. Memory beyond p and the result does not
    grow with N.

    For paper_grad and epgm b = #{|T_k - m| >= |T₀ - m|}, m the mean of the K permuted
    scores; for corr b = #{|T_k| >= |T₀|}; for mi b = #{T_k >= T₀}. Differences within
    rounding (1e-12 of the values) are ties. Because m leaves T₀ out, p_value of paper_grad
    and epgm is exact only up to a term of order 1/K.

    Parameters
    ----------
    p
        Shape (S,) or (N, S), real; N may be 0.
    statistic
        Name from `zollstock.scoring.statistics.names`.
    num
        Number K of permutations.
    seed
        0 to 2**64 - 1.
    axis
        The property's values, which stay in place while p is permuted; see
        `zollstock.scoring.statistics.evaluate`.

    Returns
    -------
    ShuffleTest
        A constant series has p_value = p_paper = 1 and z = 0. A series with NaN or infinity
        has NaN throughout.

    Raises
    ------
    ZollstockError
        If the statistic is unknown, p has the wrong shape or too few steps, the axis does
        not fit it, or num or seed is out of range.
    """
    chosen, number = get_statistic(statistic), as_number(num)
    series = Series.of(p, axis, min_steps=chosen.min_steps)
    permutations(series.steps, 0, seed=seed)  # refuses a seed, though there be no series
    moments = null_moments(series, chosen.name) if chosen.name in EXACT else None
    columns = np.full((6, len(series)), np.nan)
    for block in series.blocks(max(1, min(BLOCK, _NUMBERS // number))):
        at_least, paper, mean, std = tally(chosen.tail, _null(chosen, block, number, int(seed)))
        if moments is not None:
            mean = np.atleast_1d(moments[0])[block.part]
            std = np.sqrt(np.atleast_1d(moments[1])[block.part])
        score = chosen.scores(block.rows, block.axis)
        constant = block.rows.max(axis=1) == block.rows.min(axis=1)
        p_paper = np.where(constant, 1.0, paper / number)
        z = np.divide(score - mean, std, out=np.zeros_like(std), where=std > 0)
        found = np.array([score, (at_least + 1) / (number + 1), p_paper, mean, std, z])
        found[:, ~block.usable] = np.nan
        columns[:, block.part] = found
    fields = (series.answer(column) for column in columns)
    score, p_value, p_paper, mean, std, z = fields
    return ShuffleTest(chosen.name, score, p_value, p_paper, mean, std, z, number, int(seed))


def _single(p: SeriesLike, axis: npt.ArrayLike | None, min_steps: int) -> Series:
    series = Series.of(p, axis, min_steps=min_steps)
    if not series.single:
        raise ZollstockError(
            "prediction series",
            f"shape {series.p.shape}",
            "one series, shape (S,)",
            "Pass one row of the batch.",
        )
    return series


def null_distribution(
    p: SeriesLike,
    statistic: str = "paper_grad",
    num: int = 1000,
    seed: int = 0,
    axis: npt.ArrayLike | None = None,
) -> Array:
    """Return the K permuted scores that `shuffle_test` compares with, shape (K,).

    All NaN if the series holds NaN or infinity. Arguments and errors as in `shuffle_test`,
    but p must be one series.
    """
    chosen, number = get_statistic(statistic), as_number(num)
    (block,) = _single(p, axis, chosen.min_steps).blocks()
    null = _null(chosen, block, number, seed)[0, 1:]
    return null if block.usable[0] else np.full(number, np.nan)


def shuffled_series(p: SeriesLike, num: int = 5, seed: int = 0) -> Array:
    """Return the first `num` permuted series of the shuffle test with that seed, (num, S)."""
    series = _single(p, None, 2)
    orders = permutations(series.steps, as_number(num), seed=seed)
    shuffled: Array = series.p[0].astype(np.float64)[orders]
    return shuffled
