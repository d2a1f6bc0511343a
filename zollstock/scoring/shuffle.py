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

from zollstock.errors import ZollstockError
from zollstock.scoring import kernels
from zollstock.scoring.information import mi_null
from zollstock.scoring.moments import EXACT, null_moments
from zollstock.scoring.permutations import permutations
from zollstock.scoring.statistics import (
    BLOCK,
    NEIGHBOURS,
    Array,
    Statistic,
    as_axis,
    as_batch,
    clean_block,
    get_statistic,
)

Table = npt.NDArray[np.int32]


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


def _table(steps: int, num: int, seed: int) -> Table:
    """Return the permutations (K, S) after checking K."""
    if isinstance(num, bool) or not isinstance(num, int | np.integer) or num < 1:
        raise ZollstockError(
            "num", repr(num), "a whole number, 1 or more", "Ask for 1000 permutations."
        )
    return permutations(steps, int(num), seed=seed)


def _one_null(statistic: Statistic, row: Array, axis: Array, table: Table) -> Array:
    """Return the statistic of row[table[k]] along a fixed axis (S,) for every k, shape (K,)."""
    if row.max() == row.min():
        return np.repeat(statistic.scores(row[None], axis[None]), len(table))
    if statistic.name == "mi":
        return mi_null(row, table, NEIGHBOURS)
    null = np.empty(len(table))
    if statistic.name == "paper_grad":
        kernels.grad_null(row, table, null)
        return null
    if statistic.name == "epgm":
        kernels.variation_null(row, table, null)
        return null
    for first in range(0, len(table), BLOCK):
        rows = row[table[first : first + BLOCK]]
        null[first : first + BLOCK] = statistic.scores(rows, np.broadcast_to(axis, rows.shape))
    return null


def _tally(statistic: Statistic, values: Array) -> Array:
    """Return b of `p_value`, b of `p_paper`, mean and standard deviation, shape (4, n).

    `values` is (n, 1 + K): T₀ and the null of each series.
    """
    result = np.empty((4, len(values)))
    kernels.tally(values, statistic.tail == "centred", statistic.tail != "greater", result)
    if statistic.tail != "greater":
        result[1] = result[0]
    return result


def _test_exact(statistic: Statistic, rows: Array, table: Table) -> Array:
    """Return the tally of paper_grad or epgm, the moments exact, shape (4, n)."""
    exceed = np.zeros(len(rows), np.int64)
    kernels.centred_exceedances(rows, table, statistic.name == "epgm", exceed)
    mean, variance = null_moments(rows, statistic.name)
    return np.array([exceed, exceed, mean, np.sqrt(variance)])


def _test_corr(statistic: Statistic, rows: Array, table: Table) -> Array:
    """Return the tally of corr, a tile of series at a time, shape (4, n)."""
    result = np.empty((4, len(rows)))
    values = np.empty((min(kernels.LANES, len(rows)), len(table)))
    for first in range(0, len(rows), kernels.LANES):
        part = rows[first : first + kernels.LANES]
        kernels.corr_null(part, table, values)
        result[:, first : first + len(part)] = _tally(statistic, values[: len(part)])
    return result


def _test_each(statistic: Statistic, rows: Array, axis: Array, table: Table) -> Array:
    """Return the tally of any statistic, one series at a time, shape (4, n)."""
    result = np.empty((4, len(rows)))
    for n, row in enumerate(rows):
        values = _one_null(statistic, row, axis[n], table)
        result[:, n] = _tally(statistic, values[None])[:, 0]
    return result


def shuffle_test(
    p: npt.ArrayLike,
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
    chosen = get_statistic(statistic)
    values, single = as_batch(p, chosen.min_steps)
    along = as_axis(axis, values.shape)
    table = _table(values.shape[1], num, seed)
    if chosen.name not in EXACT:  # the series goes the way of its permutations, as row 0
        table = np.concatenate([np.arange(values.shape[1], dtype=np.int32)[None], table])
    result = np.full((6, len(values)), np.nan)
    for first in range(0, len(values), BLOCK):
        part = slice(first, first + BLOCK)
        rows, usable = clean_block(values[part])
        if chosen.name in EXACT:
            tally = _test_exact(chosen, rows, table)
        elif chosen.name == "corr":
            tally = _test_corr(chosen, rows, table)
        else:
            tally = _test_each(chosen, rows, along[part], table)
        at_least, paper, mean, std = tally
        score = chosen.scores(rows, along[part])
        constant = rows.max(axis=1) == rows.min(axis=1)
        p_paper = np.where(constant, 1.0, paper / num)
        z = np.divide(score - mean, std, out=np.zeros_like(std), where=std > 0)
        block = np.array([score, (at_least + 1) / (num + 1), p_paper, mean, std, z])
        block[:, ~usable] = np.nan
        result[:, part] = block
    fields: list[Any] = [float(row[0]) for row in result] if single else list(result)
    score, p_value, p_paper, mean, std, z = fields
    return ShuffleTest(chosen.name, score, p_value, p_paper, mean, std, z, int(num), int(seed))


def _single(p: npt.ArrayLike, min_steps: int) -> Array:
    values, single = as_batch(p, min_steps)
    if not single:
        raise ZollstockError(
            "prediction series",
            f"shape {values.shape}",
            "one series, shape (S,)",
            "Pass one row of the batch.",
        )
    return values[0].astype(np.float64)


def null_distribution(
    p: npt.ArrayLike,
    statistic: str = "paper_grad",
    num: int = 1000,
    seed: int = 0,
    axis: npt.ArrayLike | None = None,
) -> Array:
    """Return the K permuted scores that `shuffle_test` compares with, shape (K,).

    All NaN if the series holds NaN or infinity. Arguments and errors as in `shuffle_test`,
    but p must be one series.
    """
    chosen = get_statistic(statistic)
    row = _single(p, chosen.min_steps)
    along = as_axis(axis, (1, row.size))[0]
    table = _table(row.size, num, seed)
    if not np.isfinite(row).all():
        return np.full(len(table), np.nan)
    if chosen.name == "corr":
        return kernels.corr_null(row[None], table)[0]
    return _one_null(chosen, row, along, table)


def shuffled_series(p: npt.ArrayLike, num: int = 5, seed: int = 0) -> Array:
    """Return the first `num` permuted series of the shuffle test with that seed, (num, S)."""
    row = _single(p, 2)
    shuffled: Array = row[_table(row.size, num, seed)]
    return shuffled
