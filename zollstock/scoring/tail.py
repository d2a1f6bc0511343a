"""Small p-values of the shuffle test, from the first three moments of its null.

K permutations cannot show a p below 1 / (K + 1). The mean, variance and skewness of
`paper_grad` and `epgm` over all S! orders are known exactly (see `zollstock.scoring.moments` for
the first two), and a Pearson III curve, a shifted gamma, with these moments continues the tail.
A small p says how densely a smooth curve was sampled, not how much the property matters.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import lgamma, log
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.scoring.moments import null_moments
from zollstock.scoring.statistics import Array, as_batch, clean_block, evaluate, get_statistic

_AT_ONCE = 2**20  # distances held at a time
_STRAIGHT = 1e-5  # a skewness below this is a normal curve: its gamma would have shape 4e10


@lru_cache(maxsize=64)
def edge_triples(steps: int, statistic: str = "paper_grad") -> tuple[float, ...]:
    """Return the sums of w_e w_f w_g over ordered triples of edges, sorted by how they meet.

    The edges of epgm form a path, those of paper_grad a ring, so no step has more than two.
    The order: all three equal; two equal and the third shares a step; two equal and the third
    apart; a triangle (paper_grad, S = 3); a chain of three; two that share a step and one
    apart; all apart. The sums add up to W³.
    """
    if statistic == "epgm":
        edges = {(i, i + 1): 1.0 for i in range(steps - 1)}
    else:
        edges = {}
        pairs = [(0, 1, 1.0), (steps - 2, steps - 1, 1.0)]
        for a, b, w in pairs + [(i - 1, i + 1, 0.5) for i in range(1, steps - 1)]:
            edges[a, b] = edges.get((a, b), 0.0) + w
    ends, weight = np.array(list(edges)), np.array(list(edges.values()))
    meets = (ends[:, None, :, None] == ends[None, :, None, :]).any(axis=(2, 3)).astype(float)
    np.fill_diagonal(meets, 0)
    total, beside = weight.sum(), meets @ weight  # beside: weight of an edge's neighbours
    common = (meets * weight) @ meets
    equal = (weight**3).sum()
    touching = 3 * weight**2 @ beside
    off = 3 * weight**2 @ (total - weight - beside)
    triangle = float(weight @ (meets * common) @ weight)
    chain = 3 * (weight @ (beside**2 - meets @ weight**2) - triangle)
    rest = total - beside[:, None] - beside[None, :] + common
    elbow = 3 * weight @ (meets * rest) @ weight
    known = [float(v) for v in (equal, touching, off, triangle, chain, elbow)]
    return (*known, max(0.0, float(total) ** 3 - sum(known)))


def _third(rows: Array, statistic: str) -> Array:
    """Return E (T - E T)³ over all orders for finite rows (n, S), T not yet divided.

    The distances d_ab less their mean sum to 0, so sums over triples of pairs of distinct
    steps reduce to row sums and one product of matrices.
    """
    steps = rows.shape[1]
    d = np.abs(rows[:, :, None] - rows[:, None, :])
    d -= d.sum(axis=(1, 2), keepdims=True) / (steps * (steps - 1))
    own = np.arange(steps)
    d[:, own, own] = 0
    r = d.sum(axis=2)
    square = d * d
    q = square.sum(axis=2)
    rdr = np.einsum("na,nab,nb->n", r, d, r, optimize=True)
    rq, rrr = (r * q).sum(axis=1), (r**3).sum(axis=1)
    equal = (square * d).sum(axis=(1, 2))
    touching = rq - equal
    off = -4 * touching - 2 * equal
    triangle = (np.matmul(d, d) * d).sum(axis=(1, 2))
    # d_ab d_bc d_cd: all ways on from both ends of bc, less those that meet (a = d).
    chain = rdr - 2 * rq + equal - triangle
    elbow = -4 * (rdr - rq) - 2 * (rrr - rq) + 4 * touching + 2 * triangle
    apart = -8 * (-2 * rrr - 2 * rdr + 2 * rq) + 4 * off + 8 * chain
    third = np.zeros(len(rows))
    sums = (equal, touching, off, triangle, chain, elbow, apart)
    for count, value, nodes in zip(
        edge_triples(steps, statistic), sums, (2, 3, 4, 3, 4, 5, 6), strict=True
    ):
        if nodes <= steps:
            third += count * value / np.prod(np.arange(steps - nodes + 1, steps + 1, dtype=float))
    return third


def null_skewness(p: npt.ArrayLike, statistic: str = "paper_grad") -> Any:  # noqa: ANN401 - float or array, as p
    """Return the exact skewness of paper_grad or epgm over all S! orders of p.

    The third moment is a sum over triples of edges (see `edge_triples`), each averaged over
    all ways to put distinct steps on its ends; the method is Mantel's (1967), a power on.

    Parameters
    ----------
    p
        Shape (S,) or (N, S), S >= 2. Time O(S³) a series, in one product of matrices.
    statistic
        ``paper_grad`` or ``epgm``.

    Returns
    -------
    float or ndarray
        0 where every order scores the same; NaN for a series with NaN or infinity.

    Raises
    ------
    ZollstockError
        As `zollstock.scoring.moments.null_moments`.
    """
    _, variance = null_moments(p, statistic)
    name = get_statistic(statistic).name
    values, single = as_batch(p)
    spread = np.atleast_1d(variance)
    number, steps = values.shape
    divisor = float(steps if name == "paper_grad" else 1)
    skewness = np.full(number, np.nan)
    block = max(1, _AT_ONCE // steps**2)
    for first in range(0, number, block):
        part = slice(first, first + block)
        rows, usable = clean_block(values[part])
        # Unit range: cubes of small probabilities would lose digits to underflow.
        height = np.ptp(rows, axis=1)
        scale = np.where(height > 0, height, 1)
        third = _third((rows - rows[:, :1]) / scale[:, None], name)
        sd = np.sqrt(spread[part]) / scale * divisor
        skew = np.divide(third, sd**3, out=np.zeros_like(third), where=sd > 0)
        skewness[part] = np.where(usable, skew, np.nan)
    return float(skewness[0]) if single else skewness


@dataclass(frozen=True)
class TailTest:
    """A shuffle test without permutations: floats for one series (S,), arrays (N,) for a batch.

    Parameters
    ----------
    statistic
        Name of the statistic.
    score
        T₀, the statistic of the series as it stands.
    null_mean, null_std, skewness
        Exact moments of the null.
    z
        (score - null_mean) / null_std; 0 where null_std is 0.
    p_value
        Two-sided: P(|T - m| >= |T₀ - m|) of the Pearson III curve, at least 2 / S!, since the
        order and its reverse always count. 1 where every order scores the same.
    """

    statistic: str
    score: Any
    null_mean: Any
    null_std: Any
    skewness: Any
    z: Any
    p_value: Any


def pearson3_tails(z: Array, skewness: Array) -> Array:
    """Return P(|Z| >= |z|) of the standardised Pearson III curve of that skewness."""
    from scipy.special import gammainc, gammaincc, ndtr

    far = np.abs(z)
    normal = 2 * ndtr(-far)
    shape = 4 / np.maximum(np.abs(skewness), _STRAIGHT) ** 2
    # Z = (G - shape) / √shape, G gamma distributed; mirrored for a negative skewness, which
    # leaves the sum of both tails as it is.
    long_tail = gammaincc(shape, shape + far * np.sqrt(shape))
    short_tail = gammainc(shape, np.maximum(0, shape - far * np.sqrt(shape)))
    return np.asarray(np.where(np.abs(skewness) < _STRAIGHT, normal, long_tail + short_tail))


def tail_test(p: npt.ArrayLike, statistic: str = "paper_grad") -> TailTest:
    """Return the shuffle test's p-value beyond what permutations can count.

    Parameters
    ----------
    p
        Shape (S,) or (N, S), S >= 2.
    statistic
        ``paper_grad`` or ``epgm``, counted as in `zollstock.scoring.shuffle.shuffle_test`.

    Returns
    -------
    TailTest
        NaN throughout for a series with NaN or infinity.

    Raises
    ------
    ZollstockError
        As `zollstock.scoring.moments.null_moments`.
    """
    mean, variance = map(np.atleast_1d, null_moments(p, statistic))
    name = get_statistic(statistic).name
    values, single = as_batch(p)
    score = np.atleast_1d(evaluate(name, p))
    skewness = np.atleast_1d(null_skewness(p, name))
    std = np.sqrt(variance)
    z = np.divide(score - mean, std, out=np.zeros_like(std), where=std > 0)
    steps = values.shape[1]
    least = np.exp(log(2) - lgamma(steps + 1))
    p_value = np.clip(pearson3_tails(z, skewness), least, 1)
    p_value = np.where(std == 0, 1.0, p_value)
    for column in (z, p_value):
        column[np.isnan(score)] = np.nan
    fields: list[Any] = [score, mean, std, skewness, z, p_value]
    if single:
        fields = [float(field[0]) for field in fields]
    return TailTest(name, *fields)
