"""Time the shuffle test against the plain NumPy loop it replaces.

Run ``python benchmarks/shuffle_test.py`` from the repository. One process, one thread,
K = 1000 permutations, S = 101 steps. The loop permutes, takes ``numpy.gradient`` and the
mean absolute value, K times a series. Loop and test are timed in turn within every repeat
and the ratio is taken there, because the speed of a shared machine drifts; what is printed
are medians over the repeats. The loop's time for 10,000 series is extrapolated from the
median of the few series timed.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402 - the thread counts must be set before

STEPS, NUM = 101, 1000


def seconds(function, *arguments, **options):
    """Return the wall-clock time of one call."""
    start = time.perf_counter()
    function(*arguments, **options)
    return time.perf_counter() - start


def plain_loop(p, rng):
    """Return score and p as the definitions read, one permutation after the other."""
    base = np.mean(np.abs(np.gradient(p)))
    null = np.array([np.mean(np.abs(np.gradient(rng.permutation(p)))) for _ in range(NUM)])
    m = np.mean(null)
    return base, np.sum(np.abs(null - m) >= np.abs(base - m)) / NUM


def child(task, cache=None):
    """Run one measurement in a fresh process and return what it prints."""
    environment = {**os.environ, **({"XDG_CACHE_HOME": cache} if cache else {})}
    command = [sys.executable, __file__, "--task", task]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout)


def first_call():
    """Print the seconds that import and first call take for each statistic."""
    p = np.linspace(0, 1, STEPS) ** 2
    start = time.perf_counter()
    from zollstock import Zollstock
    from zollstock.scoring.shuffle import shuffle_test

    result = {"import": time.perf_counter() - start}
    result["score"] = seconds(Zollstock("grad").score, p)
    for name in ("grad", "corr", "mi"):
        result[name] = seconds(shuffle_test, p, name, NUM)
    print(json.dumps(result))


def peak_memory(number):
    """Print by how many MiB a test of `number` series lifts the peak memory, and its result's."""
    from zollstock.scoring.shuffle import shuffle_test

    p = np.random.default_rng(0).random((number, STEPS), dtype=np.float32)
    shuffle_test(p[:200], "grad", NUM)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    shuffle_test(p, "grad", NUM)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"growth": (after - before) / 1024, "result": number * 48 / 2**20}))


def report(repeats, number):
    """Print every figure."""
    from zollstock.scoring.moments import null_moments
    from zollstock.scoring.shuffle import shuffle_test

    rng = np.random.default_rng(0)
    batch = rng.random((number, STEPS))
    for name in ("grad", "corr", "mi"):
        shuffle_test(batch[:200] if name != "mi" else batch[0], name, NUM)
    times = {key: [] for key in ("loop", "one", "new", "batch")}
    for repeat in range(repeats):
        loops = [seconds(plain_loop, batch[i], rng) for i in range(5)]
        times["loop"].append(np.median(loops))
        times["one"].append(np.median([seconds(shuffle_test, batch[i]) for i in range(50)]))
        fresh = [seconds(shuffle_test, batch[i], seed=1 + 50 * repeat + i) for i in range(50)]
        times["new"].append(np.median(fresh))
        times["batch"].append(seconds(shuffle_test, batch))
    loop, one, new, many = (np.array(times[key]) for key in times)

    def line(text, values, ratios=None, goal=None):
        ratio = "" if ratios is None else f"   {np.median(ratios):7.0f} × faster"
        ratio += "" if goal is None else f" (goal {goal})"
        print(f"{text:<52}{np.median(values) * 1e3:10.2f} ms{ratio}")

    print(f"K = {NUM}, S = {STEPS}, one thread, medians of {repeats} repeats")
    line("plain loop, one series (median of 5 a repeat)", loop)
    line("grad, one series, permutations at hand", one, loop / one)
    line("grad, one series, permutations of a new seed", new, loop / new)
    extrapolated = f"grad, {number} series (loop extrapolated)"
    line(extrapolated, many, loop * number / many)
    operations = number * NUM * STEPS / 8
    spent = np.median(many) / operations * 1e9
    print(
        f"  floor: {operations / 2e6:.1f} million 512-bit operations in float32, "
        f"{operations / 1e6:.1f} million in the float64 used; {spent:.2f} ns were spent on each"
    )
    line(f"exact moments, {number} series (part of the above)", [seconds(null_moments, batch)])
    for name, size in (("corr", 1), ("corr", number), ("mi", 1)):
        p = batch[:size] if size > 1 else batch[0]
        taken = [seconds(shuffle_test, p, name, NUM) for _ in range(min(repeats, 5))]
        line(f"{name}, {size} series", taken)

    with tempfile.TemporaryDirectory() as cache:
        empty, filled = child("first", cache), child("first", cache)
    for label, figures in (("compiling", empty), ("with the compiled kernels stored", filled)):
        text = ", ".join(f"{key} {value:.2f} s" for key, value in figures.items())
        print(f"first calls, {label}: {text}")
    for size in (1_000, 100_000):
        memory = child(f"memory{size}")
        print(
            f"peak memory growth, {size} series: {memory['growth']:.1f} MiB, "
            f"of which the result is {memory['result']:.1f} MiB"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--task", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task == "first":
        first_call()
    elif options.task:
        peak_memory(int(options.task.removeprefix("memory")))
    else:
        report(options.repeats, options.series)
