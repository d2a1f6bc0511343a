"""Time the placebo tests, and measure what they find.

Run ``python benchmarks/placebo_test.py`` from the repository. One process, one thread. Times
are medians over the repeats, 10,000 series with K = 1000 placebos each; peak memory is what
the test allocates beyond its arguments (tracemalloc). The tables are shares of
rejections at .05: of placebo paths without a drift (level) and with a linear drift of 1, 2 or
4 noise deviations σ (power), noise being independent at each step or AR(1) with ρ = .9
from its stationary law; S = 33 steps, K = 19 placebos, for the sign-flip test 8 replicates.
"""

import argparse
import os
import sys
import time
import tracemalloc
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402 - the thread counts must be set before
from zollstock.significance.cutting import PLACEBO_STATISTICS  # noqa: E402

from zollstock.significance.multiplicity import combine_images  # noqa: E402
from zollstock.significance.placebo import placebo_p, pooled_p  # noqa: E402
from zollstock.significance.sequential import besag_clifford, betting  # noqa: E402
from zollstock.significance.signflip import slope_signflip  # noqa: E402

DRAWS, STEPS, PLACEBOS, REPLICATES, LEVEL = 1000, 33, 19, 8, 0.05
TESTS = {
    "placebo_p": lambda target, placebos: placebo_p(target, placebos),
    "pooled_p, 1 stratum": lambda target, placebos: pooled_p(
        target, placebos, np.zeros(len(target), int)
    ),
    "pooled_p, 100 strata": lambda target, placebos: pooled_p(
        target, placebos, np.arange(len(target)) % 100
    ),
    "besag_clifford, h = 10": lambda target, placebos: besag_clifford(target, placebos, 10),
    "betting, alpha = .05": lambda target, placebos: betting(target, placebos),
}


def data(number):
    """Return targets (N,) and placebos (N, K), a tenth of the targets with an effect."""
    rng = np.random.default_rng(0)
    target, placebos = rng.random(number), rng.random((number, DRAWS))
    target[::10] += 0.95
    return target, placebos


def peak(test, target, placebos):
    """Return the most MiB that the test holds at a time, beyond its arguments."""
    tracemalloc.start()
    test(target, placebos)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 2**20


def speed(repeats, number):
    """Print seconds and memory of every test."""
    target, placebos = data(number)
    print(f"{number} series, K = {DRAWS} (placebos: {placebos.nbytes / 2**20:.0f} MiB)")
    for name, test in TESTS.items():
        taken = []
        for _ in range(repeats):
            start = time.perf_counter()
            test(target, placebos)
            taken.append(time.perf_counter() - start)
        more = peak(test, target, placebos)
        print(f"  {name:<24}{np.median(taken):7.2f} s   {more:6.1f} MiB more")
    for name, used in (
        ("besag_clifford", besag_clifford(target, placebos, 10).used),
        ("betting", betting(target, placebos).used),
    ):
        null, real = np.delete(used, np.s_[::10]).mean(), used[::10].mean()
        print(f"  {name}: {null:.0f} draws a series without an effect, {real:.0f} with a large one")


def noise_of(rng, kind, shape):
    """Return noise of deviation 1 along the last axis."""
    noise = rng.normal(size=shape)
    if kind == "AR(1) .9":
        for step in range(1, shape[-1]):
            noise[..., step] = 0.9 * noise[..., step - 1] + np.sqrt(0.19) * noise[..., step]
    return noise


def variation(series):
    """Return the total variation, which the library leaves out as a placebo statistic."""
    return np.abs(np.diff(series, axis=-1)).sum(axis=-1)


def power(trials):
    """Print the shares of rejections."""
    rng = np.random.default_rng(1)
    statistics = {**PLACEBO_STATISTICS, "total variation": variation}
    print(f"shares rejected at {LEVEL}, {trials} trials (standard error at most .5/√trials)")
    print(f"  {'noise':<13}{'test':<17}" + "".join(f"{f'{d} σ':>8}" for d in (0, 1, 2, 4)))
    for kind in ("independent", "AR(1) .9"):
        rows = {name: [] for name in (*statistics, "sign-flip, R = 8")}
        for drift in (0, 1, 2, 4):
            ramp = drift * np.linspace(0, 1, STEPS)
            series = noise_of(rng, kind, (trials, 1 + PLACEBOS, STEPS))
            series[:, 0] += ramp
            flat = series.reshape(-1, STEPS)
            for name, statistic in statistics.items():
                values = statistic(flat).reshape(trials, -1)
                rows[name].append((placebo_p(values[:, 0], values[:, 1:]) <= LEVEL).mean())
            seeds = noise_of(rng, kind, (trials, REPLICATES, STEPS)) + ramp
            rows["sign-flip, R = 8"].append((slope_signflip(seeds)[1] <= LEVEL).mean())
        for name, shares in rows.items():
            print(f"  {kind:<13}{name:<17}" + "".join(f"{share:8.3f}" for share in shares))


def pooling(trials):
    """Print the level of pooling where one image in four reacts three times as much."""
    rng = np.random.default_rng(2)
    scale = np.where(np.arange(20) % 4 == 0, 3.0, 1.0)
    values = np.abs(rng.normal(size=(trials, 20, 1 + PLACEBOS))) * scale[:, None]
    pooled = np.array([pooled_p(v[:, 0], v[:, 1:], np.zeros(20))[0] for v in values]) <= LEVEL
    own = np.array([placebo_p(v[:, 0], v[:, 1:]) for v in values]) <= LEVEL
    calm, lively = scale == 1, scale == 3
    print(f"level at {LEVEL}, 20 images, a quarter of which react 3 times as much")
    for name, rejected in (("pooled_p", pooled), ("placebo_p", own)):
        print(
            f"  {name:<12}calm images {rejected[:, calm].mean():.3f}, lively "
            f"{rejected[:, lively].mean():.3f}, all {rejected.mean():.3f}"
        )
    shared = np.repeat(rng.integers(1, PLACEBOS + 2, trials)[:, None], 5, axis=1) / (PLACEBOS + 1)
    free = rng.integers(1, PLACEBOS + 2, (trials, 5)) / (PLACEBOS + 1)
    print("level of one p for 5 images, K = 19, independent images | images with one common p")
    for method in ("fisher", "geometric"):
        levels = [
            np.mean([combine_images(p, method) <= LEVEL for p in group]) for group in (free, shared)
        ]
        print(f"  {method:<12}{levels[0]:.3f} | {levels[1]:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--trials", type=int, default=4000)
    options = parser.parse_args()
    speed(options.repeats, options.series)
    power(options.trials)
    pooling(options.trials // 4)
