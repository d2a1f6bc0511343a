"""How often the placebo test rejects in the cases that a study's design brings with it.

Each case goes the way of a study: `zollstock.significance.comparison.compare_with_placebos` gets
whole paths, thins them, and holds sizes against each other. No case has an effect.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from zollstock.calibration.processes import Array, autoregression
from zollstock.calibration.rates import COMPARED, FEW, Outcome, rates
from zollstock.profiles import Point, compared_steps
from zollstock.scoring.follow import Followed
from zollstock.seeds import rng_for
from zollstock.significance.comparison import compare_with_placebos
from zollstock.significance.multiplicity import combine_images
from zollstock.significance.placebo import resolution

STATISTICS = ("range", "net", "smooth")
STEPS = 32
"""Steps of an edit; placebos have as many as are compared."""
JITTERS = (0.02, 0.05, 0.1)
"""Deviations of the jitter that every frame has, beside a drift of deviation `DRIFT`."""
DRIFT = 0.05
CLASSES = (10, 100)
SEEDS = 6
"""Replicates of an edit."""
GROUP = 8
"""Images whose p are combined."""

CASES = {
    "unequal_iid": "edit of 32 steps, jitter .02",
    "unequal_ar": "edit of 32 steps, AR(1), ρ = .9",
    **{f"jitter_{sigma:g}": f"drift and jitter {sigma:g}" for sigma in JITTERS},
    **{f"tied_{count}": f"{count} classes nearly tied" for count in CLASSES},
    "replicates": f"{SEEDS} replicates, 10 classes nearly tied",
    "group": f"{GROUP} images together, drift and jitter .1",
}
"""Case → its name in figures."""


def _paths(series: Array, unedited: Array, draws: range) -> Followed:
    """Return what is followed along paths (N, D, S), image by image and draw by draw."""
    count, number, steps = series.shape
    return Followed(
        [f"i{n}" for n in range(count) for _ in draws],
        np.broadcast_to(np.arange(steps, dtype=np.float64), (count * number, steps)),
        np.zeros(count * number, np.intp),
        series.reshape(-1, steps),
        unedited.reshape(-1),
        2,
        list(draws) * count,
    )


def p_values(
    target: Array, unedited: Array, placebos: Array, references: Array, statistic: str
) -> Array:
    """Return the p of a study, (N,).

    Parameters
    ----------
    target, unedited
        Followed output along the edits, (N, R, S), and of their unedited pictures, (N, R).
    placebos, references
        The same of placebos, (N, K, T) and (N, K).
    statistic
        See `zollstock.significance.compared.PLACEBO_STATISTICS`.
    """
    count, _, steps = target.shape
    made = placebos.shape[2]
    sizes = 0.1 + 0.1 * compared_steps(steps, COMPARED) / (steps - 1)
    profile = [Point(1, float(size)) for size in sizes]
    draws = range(1, placebos.shape[1] + 1)
    images = [f"i{n}" for n in range(count)]
    table = compare_with_placebos(
        _paths(target, unedited, range(target.shape[1])),
        _paths(placebos, references, draws),
        profiles=dict.fromkeys(images, profile),
        changes={(name, draw): sizes[:made] for name in images for draw in draws},
        labels=dict.fromkeys(images, "any"),
        statistic=statistic,
        steps=COMPARED,
        tolerance=0.2,
        number=FEW,
        stop_after=None,
    )
    return table["p"].to_numpy(np.float64)


def _moving(rng: np.random.Generator, count: int, paths: int, sigma: float) -> tuple[Array, Array]:
    """Return paths that drift with their size, each its own way, and tremble; and references."""
    x = np.linspace(0, 1, STEPS)
    drift = DRIFT * rng.standard_normal((count, paths, 1)) * x
    return (
        0.5 + drift + sigma * rng.standard_normal((count, paths, STEPS)),
        0.5 + sigma * rng.standard_normal((count, paths)),
    )


def _tied(rng: np.random.Generator, count: int, paths: int, classes: int) -> tuple[Array, Array]:
    """Return the followed class of pictures whose classes are nearly tied.

    The class is the one predicted for the picture, once an image; every frame trembles.
    """
    tremble = 0.02 / np.sqrt(classes)
    level = 1 / classes + 0.2 * tremble * rng.standard_normal((count, classes))
    picture = level + tremble * rng.standard_normal((count, classes))
    still = np.take_along_axis(level, picture.argmax(axis=1)[:, None], axis=1)
    return (
        still[:, :, None] + tremble * rng.standard_normal((count, paths, STEPS)),
        still + tremble * rng.standard_normal((count, paths)),
    )


def _drawn(case: str, rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Return paths (N, R + K, S) and references (N, R + K) of a case, all exchangeable."""
    paths = (SEEDS if case == "replicates" else 1) + FEW
    if case.startswith("unequal"):
        rho = 0.9 if case.endswith("ar") else 0.0
        series = 0.5 + 0.02 * autoregression(rng, (count, paths, STEPS + 1), rho)
        return series[:, :, 1:], series[:, :, 0]
    if case.startswith("jitter"):
        return _moving(rng, count, paths, float(case.partition("_")[2]))
    if case == "group":
        return _moving(rng, count, paths, JITTERS[-1])
    return _tied(rng, count, paths, 10 if case == "replicates" else int(case.partition("_")[2]))


def rates_of_designs(count: int, seed: int) -> pd.DataFrame:
    """Return rejection rates of the placebo test; see `zollstock.calibration.rates.rates`.

    Parameters
    ----------
    count
        Images of each case.
    seed
        Names the draw.
    """
    return pd.concat(list(_tables(count, seed)), ignore_index=True)


def _tables(count: int, seed: int) -> Iterator[pd.DataFrame]:
    compared = compared_steps(STEPS, COMPARED)
    for case in CASES:
        series, still = _drawn(case, rng_for("calibration", seed, "designs", case), count)
        own = series.shape[1] - FEW
        outcomes = []
        for statistic in STATISTICS:
            p = p_values(
                series[:, :own],
                still[:, :own],
                series[:, own:, compared],
                still[:, own:],
                statistic,
            )
            smallest = float(resolution(FEW))
            if case == "group":
                several = p[: len(p) // GROUP * GROUP].reshape(-1, GROUP)
                p = np.array([combine_images(row) for row in several])
                smallest = float(combine_images(np.full(GROUP, smallest)))
            outcomes.append(Outcome(f"placebo_{statistic}", FEW, smallest, p))
        yield rates("design", case, outcomes)
