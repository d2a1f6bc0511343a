"""What lies behind a score, series by series: the null of its test, and what jitter adds to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from zollstock.arrays import Array
from zollstock.scoring.follow import Followed
from zollstock.scoring.jitter import signature
from zollstock.scoring.shuffle import null_distribution, shuffled_series
from zollstock.scoring.vector import signature_of_distances, vector_null

Apart = Mapping[str, Mapping[str, Array]]

SHUFFLES = 20
"""Shuffled series that are kept to be looked at."""


@dataclass(frozen=True)
class NullCell:
    """One model on one image: the series, some shuffles, and the test's numbers.

    Attributes
    ----------
    axis
        Property values of the used steps, shape (S,); S = 0 for a failed path.
    series
        Followed probability, shape (S,).
    shuffled
        Some shuffled series, shape (n, S); n = 0 without a score.
    null
        Scores of all shuffled series, shape (K,); K = 0 without a score.
    score, null_mean, null_std, p_value
        As in the score table.
    """

    axis: Array
    series: Array
    shuffled: Array
    null: Array
    score: float
    null_mean: float
    null_std: float
    p_value: float


@dataclass(frozen=True)
class NullRow:
    """One image: its id and a cell per model."""

    image: str
    cells: Mapping[str, NullCell]


class Signature(NamedTuple):
    """A score by the spacing of the frames it is taken from.

    Attributes
    ----------
    spacings
        Every k-th frame is used, shape (n,); the first is 1. n = 0 without a score.
    scores
        epgm at these spacings, shape (n,), all finite.
    intercept, slope
        a and b ≥ 0 of a + b/k by least squares; NaN from fewer than two spacings. Where the
        jitter is gone, a is left.
    """

    spacings: Array
    scores: Array
    intercept: float
    slope: float


def first_draws(target: Followed, most: int | None = None) -> list[str]:
    """Return the images whose first draw is there, `most` of them at most."""
    paths = zip(target.images, target.draws, strict=True)
    return [image for image, draw in paths if draw == 0][:most]


def most_telling(
    scores: pd.DataFrame, flagged: Collection[str], names: Sequence[str]
) -> str | None:
    """Return the image on which models differ most: their scores lie furthest apart.

    Of one model it is the image with the largest score. Images whose edit is flagged are taken
    only if all are; of equal ones the first.

    Parameters
    ----------
    scores
        The table, one row per model and image.
    flagged
        Images whose edit is flagged.
    names
        Among which images, in order.

    Returns
    -------
    str or None
        None where none of them has a score by every model.
    """
    table = scores.pivot(index="image", columns="model", values="score")
    table = table.reindex(list(names)).dropna()
    fine = table[~table.index.isin(list(flagged))]
    table = fine if len(fine) else table
    if not len(table):
        return None
    apart = table.max(axis=1) - (table.min(axis=1) if table.shape[1] > 1 else 0)
    return str(apart.idxmax())


def null_rows(
    targets: Mapping[str, Followed],
    scores: pd.DataFrame,
    names: Sequence[str],
    *,
    statistic: str,
    permutations: int,
    seed: int,
    apart: Apart | None = None,
) -> list[NullRow]:
    """Return what the shuffle test compares, a row per image and a cell per model.

    Parameters
    ----------
    targets
        Model → what is followed along the property's paths.
    scores
        Rows of the score table for this property and statistic, one per model and image: those
        of the first draw.
    names
        Which images; of replicates the first draw is taken.
    statistic, permutations, seed
        As the scores were made.
    apart
        Where all classes are followed: model → image → distances between steps, see
        `zollstock.scoring.vector.distances_along`. A score is then a sum of these.
    """
    found = []
    rows = {model: row_of(target) for model, target in targets.items()}
    by_path = scores.set_index(["image", "model"])
    for name in names:
        cells = {}
        for model, target in targets.items():
            axis, p = _used(target, rows[model][name])
            facts = by_path.loc[(name, model)]
            shuffled, null = np.empty((0, len(p))), np.empty(0)
            if np.isfinite(facts["score"]):
                shuffled = shuffled_series(p, SHUFFLES, seed)
                if apart and model in apart:
                    null = vector_null(apart[model][name], statistic, permutations, seed)
                else:
                    null = null_distribution(p, statistic, permutations, seed, axis)
            test = (float(facts[key]) for key in ("score", "null_mean", "null_std", "p_value"))
            cells[model] = NullCell(axis, p, shuffled, null, *test)
        found.append(NullRow(name, cells))
    return found


def signatures(
    targets: Mapping[str, Followed],
    names: Sequence[str],
    apart: Apart | None = None,
) -> dict[str, dict[str, Signature]]:
    """Return image → model → its signature; parameters as in `null_rows`."""
    rows = {model: row_of(target) for model, target in targets.items()}
    return {
        name: {
            model: signature_of(
                _used(target, rows[model][name])[1],
                apart[model][name] if apart and model in apart else None,
            )
            for model, target in targets.items()
        }
        for name in names
    }


def signature_of(p: Array, apart: Array | None = None) -> Signature:
    """Return the signature of one series (S,); see `zollstock.scoring.jitter.signature`.

    With distances between its steps (`apart`) the scores are sums of these instead.
    """
    spacings, values = np.empty(0), np.empty(0)
    if len(p) > 1 and np.isfinite(p).all():
        steps, values = signature(p)
        if apart is not None:
            values = signature_of_distances(apart, steps)
        spacings = steps.astype(np.float64)
    return fitted(spacings, values)


def fitted(spacings: Array, values: Array) -> Signature:
    """Return a signature with the line a + b/k through its points, b ≥ 0.

    Independent jitter of every frame adds to each difference, so that a jittery score falls so
    (Andersen, Bollerslev, Diebold & Labys, Risk 13 (2000)).
    """
    if len(spacings) < 2:
        return Signature(spacings, values, np.nan, np.nan)
    inverse = 1 / spacings
    lever = inverse - inverse.mean()
    slope = max(0.0, float((lever * values).sum() / (lever**2).sum()))
    intercept = float(values.mean() - slope * inverse.mean())
    return Signature(spacings, values, intercept, slope)


def row_of(target: Followed) -> dict[str, int]:
    """Return image → the row of its first draw."""
    paths = enumerate(zip(target.images, target.draws, strict=True))
    return {image: row for row, (image, draw) in paths if draw == 0}


def _used(target: Followed, row: int) -> tuple[Array, Array]:
    """Return the axis and the series of a path at its used steps."""
    used = np.isfinite(target.axis[row])
    return target.axis[row][used], target.series[row][used]
