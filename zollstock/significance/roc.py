"""How well numbers tell two kinds apart: ROC curves, the area below them, and its interval."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from zollstock.seeds import rng_for

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DRAWS = 2000


def curve(scores: Array, positive: Flags) -> tuple[Array, Array]:
    """Return false and true positive rates as the threshold falls, from (0, 0) to (1, 1).

    Parameters
    ----------
    scores
        Shape (M,), finite; ties are passed in one step.
    positive
        Shape (M,), with at least one of each kind.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(positive[order])[last]
    wrong = last + 1 - hits
    start = np.zeros(1)
    return (
        np.concatenate([start, wrong / max(wrong[-1], 1)]),
        np.concatenate([start, hits / max(hits[-1], 1)]),
    )


def auc(scores: Array, positive: Flags, strata: npt.ArrayLike | None = None) -> float:
    """Return the area under the ROC curve: P(score⁺ > score⁻) + ½ P(score⁺ = score⁻).

    NaN without a positive or without a negative. Hanley & McNeil, Radiology 143 (1982).

    Parameters
    ----------
    scores, positive
        Shape (M,).
    strata
        The group of each row, (M,), where only rows of the same group are compared.
    """
    wins, pairs = _wins(scores, positive, strata)
    return _weighted(wins, pairs, np.ones(positive.sum()), np.ones((~positive).sum()))


def auc_interval(
    scores: Array,
    positive: Flags,
    clusters: Sequence[str],
    *seed: object,
    level: float = 0.95,
    strata: npt.ArrayLike | None = None,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the AUC, whole clusters (images) redrawn.

    Parameters
    ----------
    scores, positive
        Shape (M,).
    clusters
        The image of each row; its rows are redrawn together.
    *seed
        Names the draw.
    level
        Coverage aimed at.
    strata
        See `auc`.

    Returns
    -------
    low, high
        NaN for fewer than two clusters. Draws that lack a kind are left out.
    """
    wins, pairs = _wins(scores, positive, strata)
    return _interval(wins, pairs, positive, clusters, seed, level)


def auc_lead(
    scores: Array,
    others: Array,
    positive: Flags,
    clusters: Sequence[str],
    *seed: object,
    level: float = 0.95,
    strata: npt.ArrayLike | None = None,
) -> tuple[float, float, float]:
    """Return by how much the AUC of some scores is above that of others, and its interval.

    Parameters
    ----------
    scores, others, positive
        Shape (M,), of the same rows.
    clusters, *seed, level, strata
        See `auc_interval`; both are redrawn together.

    Returns
    -------
    difference, low, high
        NaN where there is none.
    """
    wins, pairs = _wins(scores, positive, strata)
    apart = wins - _wins(others, positive, strata)[0]
    whole = _weighted(apart, pairs, np.ones(positive.sum()), np.ones((~positive).sum()))
    return (whole, *_interval(apart, pairs, positive, clusters, seed, level))


def _interval(
    wins: Array,
    pairs: Array,
    positive: Flags,
    clusters: Sequence[str],
    seed: tuple[object, ...],
    level: float,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean of `wins` over `pairs`."""
    names, place = np.unique(np.asarray(clusters), return_inverse=True)
    if len(names) < 2:
        return (np.nan, np.nan)
    rng = rng_for("auc", *seed)
    found = np.empty(DRAWS)
    for draw in range(DRAWS):
        weight = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))
        rows = weight[place].astype(np.float64)
        found[draw] = _weighted(wins, pairs, rows[positive], rows[~positive])
    if not np.isfinite(found).any():
        return (np.nan, np.nan)
    low, high = np.nanquantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _wins(
    scores: Array, positive: Flags, strata: npt.ArrayLike | None = None
) -> tuple[Array, Array]:
    """Return 1 of pairs of a positive and a negative in order, ½ of tied ones; and who counts."""
    up, down = scores[positive][:, None], scores[~positive][None]
    groups = np.zeros(len(scores)) if strata is None else np.asarray(strata)
    pairs = (groups[positive][:, None] == groups[~positive][None]).astype(np.float64)
    wins = np.asarray((up > down) + 0.5 * (up == down), dtype=np.float64)
    return wins * pairs, pairs


def _weighted(wins: Array, pairs: Array, up: Array, down: Array) -> float:
    total = float(up @ pairs @ down)
    return float(up @ wins @ down / total) if total else float("nan")
