"""Classifiers that are formulas of the drawn world's latents.

One latent is the property under test, x: its share of its range, in [0, 1]. A classifier's exact
score is its total variation ∫ |∂p/∂x| dx over that range, with everything else of the image as it
is; it is a closed form for every classifier here.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zollstock.worlds.base import Latents

Array = npt.NDArray[np.float64]
Formula = Callable[[Latents, Array], Array]
"""From latents and x to p, see `Analytic.probability`."""

WIDTH = 0.15
"""Half width of the bump."""
OTHERS = {
    "fur_lightness": "background_brightness",
    "background_brightness": "fur_lightness",
}
"""Latent under test → another one, in [0, 1], that some formulas depend on as well."""


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
    latent
        The latent whose share of its range is x.
    probability
        From latents, columns of shape (N, 1), and x (N, S) or (1, S) to p, (N, S).
    variation
        From latents, columns of shape (N, 1), and the ends of a range of x, (N, 1) each, to the
        exact total variation of p between them, (N, 1).
    """

    name: str
    title: str
    latent: str
    probability: Formula
    variation: Callable[[Latents, Array, Array], Array]


def _monotone(probability: Formula) -> Callable[..., Array]:
    """Return the exact variation of something monotone: the difference of its ends."""

    def variation(latents: Latents, low: Array, high: Array) -> Array:
        return np.abs(probability(latents, high) - probability(latents, low))

    return variation


def _turning(probability: Formula, turns: Callable[[Latents], Array]) -> Callable[..., Array]:
    """Return the exact variation of something that turns at known places, (N, turns)."""

    def variation(latents: Latents, low: Array, high: Array) -> Array:
        knots = np.concatenate([low, np.clip(turns(latents), low, high), high], axis=1)
        values = probability(latents, np.sort(knots, axis=1))
        return np.abs(np.diff(values, axis=1)).sum(axis=1, keepdims=True)

    return variation


def _logistic(latents: Latents, x: Array) -> Array:
    return logistic(5 * (x - 0.5) + 2 * (latents["dogness"] - 0.5))


def _only(other: str) -> Formula:
    return lambda latents, x: logistic(5 * (latents[other] - 0.5) + 0 * x)


def _interaction(other: str) -> Formula:
    return lambda latents, x: logistic(8 * (x - 0.5) * (latents[other] - 0.5))


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


def classifiers(latent: str) -> tuple[Analytic, ...]:
    """Return the classifiers for one latent under test, in the order of tables.

    Parameters
    ----------
    latent
        A key of `OTHERS`.
    """
    # "fur" and "background": the parts of the picture that the latents are named after.
    mine, other = (name.partition("_")[0] for name in (latent, OTHERS[latent]))
    only, both = _only(OTHERS[latent]), _interaction(OTHERS[latent])
    return (
        Analytic("logistic", f"logistic in {mine}", latent, _logistic, _monotone(_logistic)),
        Analytic("other", f"{other} only", latent, only, _monotone(only)),
        Analytic("interaction", f"{mine} × {other}", latent, both, _monotone(both)),
        Analytic("step", "step", latent, _step, _monotone(_step)),
        Analytic("bump", "bump", latent, _bump, _turning(_bump, _peak)),
        Analytic("wave", "wave", latent, _wave, _turning(_wave, _wave_turns)),
    )
