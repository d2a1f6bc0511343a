"""Which statistic finds an effect: power of the placebo test and of the sign-flip test."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.calibration.classifiers import logistic
from zollstock.calibration.processes import autoregression
from zollstock.calibration.rates import COMPARED, FEW, REPLICATES, interval
from zollstock.scoring.jitter import corrected_gradient
from zollstock.scoring.statistics import evaluate
from zollstock.seeds import rng_for
from zollstock.significance.compared import PLACEBO_STATISTICS, moved
from zollstock.significance.placebo import placebo_p
from zollstock.significance.signflip import slope_signflip

Array = npt.NDArray[np.float64]

LEVEL = 0.05
STEPS = 33
"""Steps of simulated paths."""
NOISES = {"iid": 0.0, "ar_0.9": 0.9}
"""Noise → correlation of neighbours."""
SIZES = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0)
"""Heights of the effect in deviations of the noise."""
SLOPES = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0)
"""Slopes of the analytic classifier's logit per range of the property."""
NUISANCE = 0.5
"""Deviation of the logit that other things than the property bring about."""


def _variation(p: Array) -> Array:
    return np.asarray(evaluate("epgm", p))


def _corrected(p: Array) -> Array:
    return np.asarray(corrected_gradient(p))


def _slope(p: Array) -> Array:
    x = np.linspace(-1, 1, p.shape[1])
    return np.asarray(np.abs(p @ x) / (x @ x))


def _at(name: str, most: int) -> Callable[[Array], Array]:
    return lambda p: moved(p, name, most)


STATISTICS: dict[str, Callable[[Array], Array]] = {
    **{name: _at(name, COMPARED) for name in PLACEBO_STATISTICS},
    "range_all": _at("range", STEPS),
    "smooth_all": _at("smooth", STEPS),
    "variation": _variation,
    "corrected": _corrected,
    "slope": _slope,
}
"""What is ranked among the placebos: those that ship at the frames that a study compares by
default, two of them at all steps, the total variation (epgm), the same with jitter taken out, and
the least-squares slope."""


def shapes(steps: int) -> dict[str, Array]:
    """Return effects of height 1, (S,): a drift, a step, and a wave and a bump that come back."""
    x = np.linspace(0, 1, steps)
    return {
        "drift": x,
        "step": (x >= 0.5).astype(np.float64),
        "wave": np.sin(2 * np.pi * x) / 2,
        "bump": np.exp(-(((x - 0.5) / 0.15) ** 2) / 2),
    }


def placebo_values(placebos: Array) -> dict[str, Array]:
    """Return statistic → its values on placebos (N, K, S), (N, K)."""
    count, k, steps = placebos.shape
    flat = placebos.reshape(-1, steps)
    return {name: statistic(flat).reshape(count, k) for name, statistic in STATISTICS.items()}


def power_of(
    target: Array, placebos: Mapping[str, Array], replicates: Array
) -> Iterator[tuple[str, Array]]:
    """Yield test and p-values (N,).

    Parameters
    ----------
    target
        Paths of the property, (N, S).
    placebos
        Of `placebo_values`.
    replicates
        Paths of the property under other seeds, (N, R, S).
    """
    for name, statistic in STATISTICS.items():
        values = statistic(target)
        yield f"placebo_{name}", placebo_p(values, placebos[name])
    yield "signflip", slope_signflip(replicates)[1]


def _rows(p: Iterator[tuple[str, Array]], **facts: object) -> Iterator[dict[str, object]]:
    for test, values in p:
        found = int((values <= LEVEL * (1 + 1e-9)).sum())
        low, high = interval(found, len(values))
        yield facts | {
            "test": test,
            "n": len(values),
            "power": found / len(values),
            "low": float(low),
            "high": float(high),
        }


def power_of_shapes(count: int, *seed: object, steps: int = STEPS) -> pd.DataFrame:
    """Return power against effects of known height on noise.

    Parameters
    ----------
    count
        Simulated images.
    *seed
        Names the draw; every shape and size meets the same noise.
    steps
        S.

    Returns
    -------
    DataFrame
        noise, shape, size (height in deviations of the noise), test, n, power at level .05, low
        and high (95 % Clopper–Pearson).
    """
    rows: list[dict[str, object]] = []
    for noise, rho in NOISES.items():
        rng = rng_for("calibration", *seed, "power", noise)
        drawn = autoregression(rng, (count, 1 + FEW + REPLICATES, steps), rho)
        still = placebo_values(drawn[:, 1 : 1 + FEW])
        for shape, effect in shapes(steps).items():
            for size in SIZES:
                found = power_of(
                    drawn[:, 0] + size * effect,
                    still,
                    drawn[:, 1 + FEW :] + size * effect,
                )
                rows += _rows(found, noise=noise, shape=shape, size=size)
    return pd.DataFrame(rows)


def power_of_slopes(paths: Sequence[Array], count: int, engine: str, *seed: object) -> pd.DataFrame:
    """Return power against the slope of a logistic classifier with nuisance jitter.

    logit = a (x_s − ½) + e_s, where x is what the property really was in frame s and e is
    AR(1), ρ = .9, of deviation ½: what else changes from frame to frame. Along placebos the
    property stays at ½.

    Parameters
    ----------
    paths
        The property's true value along paths, (S,) each, all of one length; simulation n takes
        path n mod (number of paths).
    count
        Simulations.
    engine
        Where the paths come from, for the table.
    *seed
        Names the draw.

    Returns
    -------
    DataFrame
        As `power_of_shapes`, with size the slope a, shape `logistic` and noise `nuisance`.
    """
    x = np.stack([paths[n % len(paths)] for n in range(count)])
    rng = rng_for("calibration", *seed, "slopes")
    jitter = NUISANCE * autoregression(rng, (count, 1 + FEW + REPLICATES, x.shape[1]), 0.9)
    still = placebo_values(logistic(jitter[:, 1 : 1 + FEW]))
    rows: list[dict[str, object]] = []
    for slope in SLOPES:
        target = logistic(jitter[:, 0] + slope * (x - 0.5))
        replicates = logistic(jitter[:, 1 + FEW :] + slope * (x[:, None] - 0.5))
        found = power_of(target, still, replicates)
        rows += _rows(found, noise="nuisance", shape=f"logistic, {engine}", size=slope)
    return pd.DataFrame(rows)
