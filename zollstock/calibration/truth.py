"""Scores of classifiers that are formulas, beside what they should be."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.calibration.classifiers import Analytic
from zollstock.ranks import spearman
from zollstock.scoring.effects import gradient_magnitude
from zollstock.scoring.statistics import evaluate
from zollstock.worlds import get_world
from zollstock.worlds.base import Latents

Array = npt.NDArray[np.float64]


def as_columns(latents: Latents) -> Latents:
    """Return latents (N,) as columns (N, 1)."""
    return {name: np.asarray(value, dtype=np.float64)[:, None] for name, value in latents.items()}


def exact_scores(classifier: Analytic, latents: Latents) -> Array:
    """Return the closed form over the whole range of the property, (N,); latents are (N,)."""
    columns = as_columns(latents)
    ends = np.zeros((len(columns[classifier.latent]), 1))
    return classifier.variation(columns, ends, ends + 1)[:, 0]


def exact_probabilities(classifier: Analytic, latents: Latents, world: str, steps: int) -> Array:
    """Return p along the exact engine's path, (N, steps).

    The latent is set by the world's own `do`, one image after the other.
    """
    drawn, latent = get_world(world), classifier.latent
    low, high = drawn.latent_ranges[latent]
    axis = np.linspace(low, high, steps)
    rows = []
    for n in range(len(latents[latent])):
        one = {name: value[n : n + 1] for name, value in latents.items()}
        x = (drawn.do(one, latent, axis)[latent] - low) / (high - low)
        rows.append(classifier.probability(as_columns(one), x[None])[0])
    return np.stack(rows)


def estimates(p: Array) -> dict[str, Array]:
    """Return what zollstock makes of series (N, S): name → scores (N,).

    `epgm`; `epgm_4`, with derivatives of the fourth order (evenly spaced steps, 5 or more); and
    the paper's mean gradient times S - 1, which puts it into the same unit.
    """
    found = {"epgm": np.asarray(evaluate("epgm", p))}
    if p.shape[1] >= 5:
        found["epgm_4"] = np.asarray(gradient_magnitude(p, order=4))
    return found | {"paper_grad": np.asarray(evaluate("paper_grad", p)) * (p.shape[1] - 1)}


def errors(found: Array, truth: Array) -> dict[str, float]:
    """Return bias, RMSE, largest error and rank correlation of scores (N,) with the truth (N,)."""
    known = np.isfinite(found) & np.isfinite(truth)
    off = found[known] - truth[known]
    if not len(off):
        return dict.fromkeys(("bias", "rmse", "worst", "spearman"), float("nan")) | {"n": 0}
    return {
        "bias": float(off.mean()),
        "rmse": float(np.sqrt((off**2).mean())),
        "worst": float(np.abs(off).max()),
        # Numbers that differ by rounding alone are ties.
        "spearman": spearman(np.round(truth[known], 12), np.round(found[known], 12)),
        "n": len(off),
    }


def error_against_steps(
    formulas: Sequence[Analytic], latents: Latents, world: str, steps: Sequence[int]
) -> pd.DataFrame:
    """Return how far scores of exact paths are from the closed form, by number of steps.

    Parameters
    ----------
    formulas
        The classifiers.
    latents
        Of N images, (N,) each.
    world
        Name of the drawn world.
    steps
        Numbers of steps.

    Returns
    -------
    DataFrame
        Columns classifier, statistic, steps, and those of `errors`.
    """
    rows = []
    for classifier in formulas:
        truth = exact_scores(classifier, latents)
        for count in steps:
            p = exact_probabilities(classifier, latents, world, count)
            rows += [
                {"classifier": classifier.name, "statistic": name, "steps": count}
                | errors(found, truth)
                for name, found in estimates(p).items()
            ]
    return pd.DataFrame(rows)
