r"""Mediation: how much of a property's score goes through a set of units or edges.

The score of an image is what a statistic makes of the output along its frames, by default
p(end) − p(start). With a set C

- **cut**: C is held at its values at the start frame, all else moves: what is left of the score;
- **keep**: C alone may move, all other candidates are held: what of the score comes through.

Either alone mixes in interactions: where one of two ways is enough, a cut of each loses nothing;
where both are needed, keeping each gives nothing. So both are reported, and their interaction,
(score − cut) − keep, is 0 where effects add up. What a set of the same size drawn at random does is
the null.

As in MIB (Mueller et al. 2025, arXiv 2504.13151) faithfulness of a circuit of size k is
f(k) = (m(C) − m(∅)) / (m(whole) − m(∅)), CPR the area below f over k, and CMD the area between f
and 1. Here m is the mean score with C alone moving, and m(∅) with none of the candidates moving.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.seeds import rng_for
from zollstock.significance.intervals import hierarchical_bootstrap
from zollstock.significance.multiplicity import q_values
from zollstock.trace.effects import ROWS, grouped
from zollstock.trace.holding import Candidates, counted, ranked_sets
from zollstock.trace.network import Network

Statistic = Callable[[Array], Array]
"""From series (…, S) to scores (…)."""

SIZES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Those of MIB."""
_NUMBERS = 2**27
"""Weights that are held at once: sets × those of the layers."""
_ROUNDING = 1e-4
"""Share of the score by which sets may differ that do the same in batches of other sizes."""


@dataclass(frozen=True)
class Mediated:
    """What sets do to the scores of images.

    Attributes
    ----------
    whole
        Scores with nothing held, (N,).
    none
        With all candidates held, (N,).
    cut, keep
        With each set held, and with all others held, (K, N).
    """

    whole: Array
    none: Array
    cut: Array
    keep: Array

    @property
    def interaction(self) -> Array:
        """(whole − cut) − (keep − none), (K, N)."""
        return (self.whole - self.cut) - (self.keep - self.none)

    @property
    def removed(self) -> Array:
        """Share of the mean score that each cut removes, (K,); NaN where the score is 0."""
        return 1 - _over(self.cut.mean(1), np.asarray(self.whole.mean()))

    @property
    def faithfulness(self) -> Array:
        """Faithfulness f of each set, (K,); NaN where holding everything changes nothing."""
        return _over(self.keep.mean(1) - self.none.mean(), self.whole.mean() - self.none.mean())


def last_less_first(series: Array) -> Array:
    """Return p(end) − p(start)."""
    found: Array = series[..., -1] - series[..., 0]
    return found


def mediate(
    network: Network,
    frames: torch.Tensor,
    candidates: Candidates,
    sets: torch.Tensor,
    *,
    statistic: Statistic = last_less_first,
    only_ends: bool = True,
    rows: int = ROWS,
) -> Mediated:
    """Return the scores with sets cut and kept.

    Parameters
    ----------
    network
        What is looked at.
    frames
        Of N images, (N, S, …), in the order of their paths.
    candidates
        Units or edges.
    sets
        bool, (K, count).
    statistic
        What makes a score of a series.
    only_ends
        Whether the statistic needs no more than the first and the last frame.
    rows
        See `zollstock.trace.effects.ROWS`.

    Raises
    ------
    ZollstockError
        If shapes do not fit.
    """
    if sets.dtype != torch.bool or sets.ndim != 2 or sets.shape[1] != candidates.count:
        raise ZollstockError(
            "trace: sets",
            f"have shape {tuple(sets.shape)} and type {sets.dtype}",
            f"bool, (K, {candidates.count})",
            "Say of each candidate whether it is in the set.",
        )
    if frames.ndim < 3 or frames.shape[1] < 2 or not len(frames):
        raise ZollstockError(
            "trace: frames", f"have shape {tuple(frames.shape)}", "(N, S, …), S ≥ 2", "Mend it."
        )
    # What nothing and everything held do comes with them; the first mask of all is nothing held.
    held = torch.cat([torch.ones_like(sets[:1]), sets, ~sets])
    moving = frames[:, [0, -1]] if only_ends else frames
    columns = []
    weights = sum(int(np.prod(layer.shape)) for layer in candidates.layers)
    most = max(1, _NUMBERS // max(weights, 1))
    for step in range(moving.shape[1]):
        # Values at the start are those of the same batch, so that at it nothing changes at all.
        holding = candidates.changes(network, frames[:, 0])
        found = grouped(network, moving[:, step], len(held), held.__getitem__, holding, rows, most)
        columns.append(torch.cat([found.whole[None], found.without]).double().cpu().numpy())
    scores = statistic(np.stack(columns, -1))
    count = len(sets)
    return Mediated(scores[0], scores[1], scores[2 : 2 + count], scores[2 + count :])


def random_sets(count: int, size: float, draws: int, *seed: object) -> torch.Tensor:
    """Return random sets of a share of `count` candidates, bool (draws, count)."""
    sets = torch.zeros((draws, count), dtype=torch.bool)
    for draw in range(draws):
        chosen = rng_for("set", *seed, size, draw).permutation(count)[: counted(size, count)]
        sets[draw, torch.from_numpy(chosen.copy())] = True
    return sets


@dataclass(frozen=True)
class Curve:
    """Cut and keep over the size of the set.

    Attributes
    ----------
    sizes
        Shares of all candidates, K.
    mediated
        Of the sets with the largest scores.
    random
        Of random sets, a size each.
    """

    sizes: tuple[float, ...]
    mediated: Mediated
    random: tuple[Mediated, ...]

    @property
    def cpr(self) -> float:
        """Area below faithfulness over size, from 0 to the largest one, f(0) = 0; MIB's CPR."""
        return float(np.trapezoid(self._faithful(), (0.0, *self.sizes)))

    @property
    def cmd(self) -> float:
        """Area between faithfulness and 1; MIB's CMD."""
        return float(np.trapezoid(np.abs(1 - self._faithful()), (0.0, *self.sizes)))

    @property
    def p_cut(self) -> Array:
        """Share of random sets, the set itself counted, whose cut removes as much, (K,).

        NaN of a set that holds all, as there is no other one of its size, and where there is no
        score of which it could be a share.
        """
        return self._p([one.removed for one in self.random], self.mediated.removed)

    @property
    def p_keep(self) -> Array:
        """Share of random sets, the set itself counted, that keep as much, (K,); see `p_cut`."""
        return self._p([one.faithfulness for one in self.random], self.mediated.faithfulness)

    @property
    def q_cut(self) -> Array:
        """`p_cut`, adjusted over the sets (Benjamini–Hochberg), (K,)."""
        return q_values(self.p_cut)

    @property
    def q_keep(self) -> Array:
        """`p_keep`, adjusted over the sets (Benjamini–Hochberg), (K,)."""
        return q_values(self.p_keep)

    def intervals(self, *seed: object) -> list[tuple[float, float]]:
        """Return bootstrap intervals over images of the mean score that each cut leaves."""
        names = [str(row) for row in range(self.mediated.cut.shape[1])]
        return [
            hierarchical_bootstrap(row, names, "mediation", size, *seed)
            for size, row in zip(self.sizes, self.mediated.cut, strict=True)
        ]

    def _faithful(self) -> Array:
        return np.concatenate([[0.0], self.mediated.faithfulness])

    def _p(self, null: Sequence[Array], found: Array) -> Array:
        return np.array(
            [
                (1 + int((draws >= value - _ROUNDING).sum())) / (1 + len(draws))
                # A comparison with NaN is false, which would make it rarer than any random set.
                if size < 1 and np.isfinite(value)
                else np.nan
                for size, draws, value in zip(self.sizes, null, found, strict=True)
            ]
        )


def mediation_curve(
    network: Network,
    frames: torch.Tensor,
    candidates: Candidates,
    scores: torch.Tensor,
    *seed: object,
    sizes: Sequence[float] = SIZES,
    draws: int = 19,
    statistic: Statistic = last_less_first,
    only_ends: bool = True,
) -> Curve:
    """Return mediation over the size of the set, with random sets of equal size beside.

    Parameters
    ----------
    network, frames, candidates, statistic, only_ends
        As in `mediate`.
    scores
        Of each candidate, (count,): the largest are taken first. Found on other images than these,
        or the curve is too good.
    *seed
        Names the random sets.
    sizes
        Shares of all candidates, rising.
    draws
        Random sets a size.
    """
    return curve_over(
        [(network, frames)],
        candidates,
        scores,
        *seed,
        sizes=sizes,
        draws=draws,
        statistic=statistic,
        only_ends=only_ends,
    )


def curve_over(
    groups: Sequence[tuple[Network, torch.Tensor]],
    candidates: Candidates,
    scores: torch.Tensor,
    *seed: object,
    sizes: Sequence[float],
    draws: int,
    statistic: Statistic,
    only_ends: bool,
) -> Curve:
    """Return `mediation_curve` over groups of images of which other outputs are followed.

    Parameters
    ----------
    groups
        Networks of one module, each with the frames of its images, (N, S, …).
    candidates, scores, *seed, sizes, draws, statistic, only_ends
        As in `mediation_curve`.
    """
    ordered = tuple(sorted(sizes))
    null = [random_sets(candidates.count, size, draws, *seed) for size in ordered]
    every = torch.cat([ranked_sets(scores, ordered), *null])
    parts = [
        mediate(network, frames, candidates, every, statistic=statistic, only_ends=only_ends)
        for network, frames in groups
    ]
    whole, none = (np.concatenate([getattr(p, name) for p in parts]) for name in ("whole", "none"))
    cut, keep = (np.concatenate([getattr(p, name) for p in parts], 1) for name in ("cut", "keep"))

    def some(first: int, count: int) -> Mediated:
        rows = slice(first, first + count)
        return Mediated(whole, none, cut[rows], keep[rows])

    count = len(ordered)
    random = tuple(some(count + k * draws, draws) for k in range(count))
    return Curve(ordered, some(0, count), random)


def _over(part: Array, whole: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.where(whole == 0, np.nan, np.divide(part, whole))
    return found
