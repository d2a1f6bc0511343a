"""Classifiers that are formulas of the drawn world's latents: the right score is known.

The property is `fur_lightness`, x in [0, 1]. A classifier's exact score is its total variation
∫ |∂p/∂x| dx over that range, with everything else of the image as it is; it is a closed form
for every classifier here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from zollstock.scoring.effects import gradient_magnitude
from zollstock.scoring.statistics import evaluate
from zollstock.worlds import Latents, get_world

Array = npt.NDArray[np.float64]

PROPERTY = "fur_lightness"
WIDTH = 0.15
"""Half width of the bump."""


def logistic(logit: npt.ArrayLike) -> Array:
    """Return 1 / (1 + e^-logit)."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(logit, dtype=np.float64))))


@dataclass(frozen=True)
class Analytic:
    """A classifier that is a formula.

    Attributes
    ----------
    name
        Key in tables.
    title
        Name in figures.
    probability
        From latents, columns of shape (N, 1), and x (N, S) or (1, S) to p, (N, S).
    variation
        From latents, columns of shape (N, 1), and the ends of a range of x, (N, 1) each, to the
        exact total variation of p between them, (N, 1).
    """

    name: str
    title: str
    probability: Callable[[Latents, Array], Array]
    variation: Callable[[Latents, Array, Array], Array]


def _monotone(probability: Callable[[Latents, Array], Array]) -> Callable[..., Array]:
    """Return the exact variation of something monotone: the difference of its ends."""

    def variation(latents: Latents, low: Array, high: Array) -> Array:
        return np.abs(probability(latents, high) - probability(latents, low))

    return variation


def _turning(
    probability: Callable[[Latents, Array], Array], turns: Callable[[Latents], Array]
) -> Callable[..., Array]:
    """Return the exact variation of something that turns at known places, (N, turns)."""

    def variation(latents: Latents, low: Array, high: Array) -> Array:
        knots = np.concatenate([low, np.clip(turns(latents), low, high), high], axis=1)
        values = probability(latents, np.sort(knots, axis=1))
        return np.abs(np.diff(values, axis=1)).sum(axis=1, keepdims=True)

    return variation


def _fur(latents: Latents, x: Array) -> Array:
    return logistic(5 * (x - 0.5) + 2 * (latents["dogness"] - 0.5))


def _background(latents: Latents, x: Array) -> Array:
    return logistic(5 * (latents["background_brightness"] - 0.5) + 0 * x)


def _interaction(latents: Latents, x: Array) -> Array:
    return logistic(8 * (x - 0.5) * (latents["background_brightness"] - 0.5))


def _step_at(latents: Latents) -> Array:
    return np.asarray(0.2 + 0.6 * latents["background_hue"])


def _step(latents: Latents, x: Array) -> Array:
    return np.where(x < _step_at(latents), 0.1, 0.9)


def _peak(latents: Latents) -> Array:
    return np.asarray(0.25 + 0.5 * latents["background_hue"])


def _bump(latents: Latents, x: Array) -> Array:
    return logistic(4 * np.exp(-(((x - _peak(latents)) / WIDTH) ** 2) / 2) - 2)


def _wave(latents: Latents, x: Array) -> Array:
    return np.asarray(0.5 + 0.3 * np.sin(2 * np.pi * (2 * x + latents["background_hue"])))


def _wave_turns(latents: Latents) -> Array:
    # sin(2π(2x + φ)) turns where 2x + φ is ¼ or ¾ beyond a whole number.
    return np.asarray((np.arange(-2, 8) / 2 + 0.25 - latents["background_hue"]) / 2)


CLASSIFIERS: tuple[Analytic, ...] = (
    Analytic("fur", "logistic in fur", _fur, _monotone(_fur)),
    Analytic("background", "background only", _background, _monotone(_background)),
    Analytic("interaction", "fur × background", _interaction, _monotone(_interaction)),
    Analytic("step", "step", _step, _monotone(_step)),
    Analytic("bump", "bump", _bump, _turning(_bump, _peak)),
    Analytic("wave", "wave", _wave, _turning(_wave, _wave_turns)),
)
"""The classifiers, in the order of tables."""


def as_columns(latents: Latents) -> Latents:
    """Return latents (N,) as columns (N, 1)."""
    return {name: np.asarray(value, dtype=np.float64)[:, None] for name, value in latents.items()}


def exact_scores(classifier: Analytic, latents: Latents) -> Array:
    """Return the closed form over the whole range of the property, (N,); latents are (N,)."""
    columns = as_columns(latents)
    ends = np.zeros((len(columns[PROPERTY]), 1))
    return classifier.variation(columns, ends, ends + 1)[:, 0]


def exact_probabilities(classifier: Analytic, latents: Latents, world: str, steps: int) -> Array:
    """Return p along the exact engine's path, (N, steps).

    The property is set by the world's own `do`, one image after the other.
    """
    drawn = get_world(world)
    axis = np.linspace(0, 1, steps)
    rows = []
    for n in range(len(latents[PROPERTY])):
        one = {name: value[n : n + 1] for name, value in latents.items()}
        x = drawn.do(one, PROPERTY, axis)[PROPERTY]
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


def spearman(one: Array, other: Array) -> float:
    """Return the rank correlation, ties with their mean rank; NaN for fewer than 3 or a constant.

    Numbers that differ by rounding alone count as ties.
    """
    ranks = [rankdata(np.round(values, 12)) for values in (one, other)]
    if len(one) < 3 or any(np.ptp(rank) == 0 for rank in ranks):
        return float("nan")
    return float(np.corrcoef(ranks)[0, 1])


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
        "spearman": spearman(truth[known], found[known]),
        "n": len(off),
    }


def error_against_steps(latents: Latents, world: str, steps: Sequence[int]) -> pd.DataFrame:
    """Return how far scores of exact paths are from the closed form, by number of steps.

    Parameters
    ----------
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
    for classifier in CLASSIFIERS:
        truth = exact_scores(classifier, latents)
        for count in steps:
            p = exact_probabilities(classifier, latents, world, count)
            rows += [
                {"classifier": classifier.name, "statistic": name, "steps": count}
                | errors(found, truth)
                for name, found in estimates(p).items()
            ]
    return pd.DataFrame(rows)
