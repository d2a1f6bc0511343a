"""How often tests reject where nothing is to be found.

Every test gets the same paths: of the property (target), of placebos, and of the property under
other seeds (replicates), all exchangeable. Its rejection rate at level α must then be at most α.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import beta

from zollstock.calibration.processes import PROCESSES, Array, Process, blocks
from zollstock.scoring.shuffle import shuffle_test
from zollstock.significance.compared import PLACEBO_STATISTICS, moved
from zollstock.significance.placebo import placebo_p, resolution
from zollstock.significance.sequential import besag_clifford, betting, wealth
from zollstock.significance.signflip import slope_signflip

LEVELS = (0.01, 0.05, 0.1)
FEW, MANY = 19, 99
"""Placebos per image: few, which reach level .05, and many, which reach .01."""
COMPARED = 5
"""Frames at which paths are compared, as a study does by default."""
REPLICATES = 8
"""Seeds of the sign-flip test."""
STOP_AFTER = 10
"""Exceedances at which the test of Besag and Clifford stops."""
PROOF = 0.05
"""The table as a whole calls a sound test unsound with at most this probability."""

TITLES = {
    "shuffle_paper_grad": "shuffle test of the paper, grad",
    "shuffle_corr": "shuffle test of the paper, corr",
    "placebo_net": "placebo test, net change",
    "placebo_range": "placebo test, range",
    "placebo_smooth": "placebo test, smooth part",
    "besag_clifford": "Besag–Clifford, range",
    "betting": "betting, range",
    "signflip": "sign-flip over seeds",
    "signflip_placebo": "sign-flip, property − placebo",
}
"""Test → its name in figures, in the order of tables."""


@dataclass(frozen=True)
class Paths:
    """Exchangeable paths of N images, placebos reduced to their statistics.

    Attributes
    ----------
    target
        Series of the property, (N, S).
    values
        Statistic → those of the property, (N,), and of the placebos, (N, K).
    replicates
        The property under other seeds, (N, R, S).
    differences
        Replicates less a placebo each, (N, R, S).
    """

    target: Array
    values: dict[str, tuple[Array, Array]]
    replicates: Array
    differences: Array


@dataclass(frozen=True)
class Outcome:
    """What one test says.

    Attributes
    ----------
    test
        Key of `TITLES`.
    k
        Number of permutations, placebos or flips that it compares with.
    smallest
        The smallest p that it can give.
    p
        P-values, (N,).
    levels
        Levels that it can be judged at.
    """

    test: str
    k: int
    smallest: float
    p: Array
    levels: tuple[float, ...] = LEVELS


def reduce_paths(parts: Iterable[Array], placebos: int, replicates: int = REPLICATES) -> Paths:
    """Return what the tests need of paths.

    Parameters
    ----------
    parts
        Blocks of images, each (n, paths, S). The first path is the property's, then come
        `placebos`, then `replicates`. Where there are fewer paths, placebos that come first
        serve as replicates too, and those that come last stand beside them.
    placebos
        K, at least twice `replicates` where they have to serve as such.
    replicates
        R.
    """
    targets, repeats, differences = [], [], []
    found: dict[str, list[tuple[Array, Array]]] = {name: [] for name in PLACEBO_STATISTICS}
    for block in parts:
        count, paths, steps = block.shape
        others = block[:, 1 : 1 + placebos]
        for name in PLACEBO_STATISTICS:
            values = moved(others.reshape(-1, steps), name, COMPARED).reshape(count, -1)
            found[name].append((moved(block[:, 0], name, COMPARED), values))
        own = block[:, 1 + placebos : 1 + placebos + replicates]
        own = own if paths >= 1 + placebos + replicates else others[:, :replicates]
        targets.append(block[:, 0])
        repeats.append(own)
        differences.append(own - others[:, -own.shape[1] :])
    return Paths(
        np.concatenate(targets),
        {
            name: (
                np.concatenate([pair[0] for pair in pairs]),
                np.concatenate([pair[1] for pair in pairs]),
            )
            for name, pairs in found.items()
        },
        np.concatenate(repeats),
        np.concatenate(differences),
    )


def all_p(paths: Paths, *, permutations: int, seed: int) -> Iterator[Outcome]:
    """Yield what every test says of N images.

    Parameters
    ----------
    paths
        Of N images.
    permutations
        Of the shuffle test. Its p-value is the published one, b / K.
    seed
        Of the permutations.
    """
    for name in ("paper_grad", "corr"):
        found = shuffle_test(paths.target, name, permutations, seed)
        yield Outcome(f"shuffle_{name}", permutations, 0.0, np.asarray(found.p_paper))
    for name, (target, placebos) in paths.values.items():
        for k in sorted({min(FEW, placebos.shape[1]), placebos.shape[1]}):
            yield Outcome(
                f"placebo_{name}", k, float(resolution(k)), placebo_p(target, placebos[:, :k])
            )
    target, placebos = paths.values["range"]
    k = placebos.shape[1]
    stopped = besag_clifford(target, placebos, stop_after=STOP_AFTER)
    yield Outcome("besag_clifford", k, float(resolution(k)), stopped.p)
    for level in LEVELS:  # the strategy is made for one level
        p = betting(target, placebos, alpha=level).p
        smallest = float(1 / wealth(k, 0, 0.9 * level))
        yield Outcome("betting", k, smallest, p, (level,))
    flips = 2 ** (paths.replicates.shape[1] - 1)  # a flip and its opposite count as one
    for name, series in (("signflip", paths.replicates), ("signflip_placebo", paths.differences)):
        yield Outcome(name, flips - 1, 1 / flips, slope_signflip(series)[1])


def interval(
    hits: npt.ArrayLike, count: npt.ArrayLike, level: float = 0.95
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the Clopper–Pearson interval of a share, from hits and trials of any shape.

    Notes
    -----
    Clopper & Pearson, Biometrika 26 (1934): both ends are quantiles of beta distributions; the
    coverage is at least `level`.
    """
    hits, count = np.asarray(hits, np.float64), np.asarray(count, np.float64)
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(hits > 0, beta.ppf(tail, hits, count - hits + 1), 0.0)
        high = np.where(hits < count, beta.ppf(1 - tail, hits + 1, count - hits), 1.0)
    return low, high


def rates(source: str, case: str, outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """Return rejection rates of tests on one kind of path.

    Parameters
    ----------
    source
        Where the paths come from: `process` or `model`.
    case
        The process or model.
    outcomes
        Of `all_p`.

    Returns
    -------
    DataFrame
        One row per test, resolution and level: source, case, test, k, resolution (the smallest
        p), level, reachable (whether p can be as small as the level), n (series with a
        p-value), rejected, rate, low and high (95 % Clopper–Pearson).
    """
    rows = []
    for found in outcomes:
        known = found.p[np.isfinite(found.p)]
        for level in found.levels:
            # A p-value that is the level but for rounding rejects.
            rejected = int((known <= level * (1 + 1e-9)).sum())
            low, high = interval(rejected, len(known))
            rows.append(
                {
                    "source": source,
                    "case": case,
                    "test": found.test,
                    "k": found.k,
                    "resolution": found.smallest,
                    "level": level,
                    "reachable": found.smallest <= level * (1 + 1e-9),
                    "n": len(known),
                    "rejected": rejected,
                    "rate": rejected / len(known) if len(known) else np.nan,
                    "low": float(low),
                    "high": float(high),
                }
            )
    return pd.DataFrame(rows)


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with simultaneous intervals and whether each rate can be its level.

    Adds `low_all` and `high_all`, Clopper–Pearson intervals of coverage 1 - 0.05 / (number of
    rows): by Bonferroni they all hold together with probability .95, while of the 95 % intervals
    of sound tests one in forty lies above the level by chance. `holds` is `low_all` ≤ level.
    """
    coverage = 1 - PROOF / max(len(table), 1)
    low, high = interval(table["rejected"], table["n"], coverage)
    return table.assign(low_all=low, high_all=high, holds=low <= table["level"])


def rates_of_processes(
    count: int,
    steps: int,
    *,
    permutations: int,
    seed: int,
    processes: Sequence[Process] = PROCESSES,
) -> pd.DataFrame:
    """Return rejection rates of every test on every process; see `rates`.

    Parameters
    ----------
    count, steps
        Images N and steps S.
    permutations
        Of the shuffle test.
    seed
        Names the draw.
    processes
        What is drawn.
    """
    tables = []
    for process in processes:
        drawn = blocks(process, count, 1 + MANY + REPLICATES, steps, seed, "rates")
        paths = reduce_paths(drawn, MANY)
        outcomes = list(all_p(paths, permutations=permutations, seed=seed))
        tables.append(rates("process", process.name, outcomes))
        if process.part is not None:
            part, name, _ = process.part
            looked_at = [replace(found, p=found.p[part]) for found in outcomes]
            tables.append(rates("process", name, looked_at))
    return pd.concat(tables, ignore_index=True)


def rates_of_models(
    models: Sequence[str], paths: Array, *, permutations: int, seed: int
) -> pd.DataFrame:
    """Return rejection rates of every test on a property that no model can depend on.

    Parameters
    ----------
    models
        Names, M of them.
    paths
        Predictions, (M, N, 1 + K, S): the property's path first, then the placebos'.
    permutations, seed
        Of the shuffle test.
    """
    tables = []
    for name, block in zip(models, paths, strict=True):
        replicates = min(REPLICATES, (block.shape[1] - 1) // 2)
        reduced = reduce_paths([block], block.shape[1] - 1, replicates)
        tables.append(rates("model", name, all_p(reduced, permutations=permutations, seed=seed)))
    return pd.concat(tables, ignore_index=True)
