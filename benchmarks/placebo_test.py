"""Time the placebo tests, and measure what combining images does to their level.

Run ``python benchmarks/placebo_test.py`` from the repository. One process, one thread. Times
are medians over the repeats, 10,000 series with K = 1000 placebos each; peak memory is what
the test allocates beyond its arguments (tracemalloc). What the tests find is measured by
``snakemake calibration``.
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

from zollstock.significance.multiplicity import combine_images  # noqa: E402
from zollstock.significance.placebo import placebo_p  # noqa: E402
from zollstock.significance.sequential import besag_clifford, betting  # noqa: E402

DRAWS, PLACEBOS, LEVEL = 1000, 19, 0.05
TESTS = {
    "placebo_p": lambda target, placebos: placebo_p(target, placebos),
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


def combining(trials):
    """Print the level of Fisher's and of the geometric combination of five images."""
    rng = np.random.default_rng(2)
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
    parser.add_argument("--trials", type=int, default=1000)
    options = parser.parse_args()
    speed(options.repeats, options.series)
    combining(options.trials)
