"""Bias and error of ways to take jitter out of epgm.

Run ``python benchmarks/jitter.py`` from the repository. Clean curves of height 1 get Gaussian
jitter of deviation σ (all methods scale with the height, so σ stands for σ / height); every
cell is bias / root mean square error in percent of the height. `--rho` makes the jitter an
AR(1) series along the path. The candidates:

- plain: epgm as it is; signature, turns: `zollstock.scoring.jitter.corrected_gradient`;
- two-scale: TV_10 less the tenth of TV_1 that jitter adds to it, as for realised volatility;
- monotone: range of the better of the rising and the falling isotonic fit;
- denoised: total variation after total-variation denoising, weight σ √(2 ln S);
- spline: total variation of the smoothing spline by generalised cross-validation;
- seeds: `replicated_gradient` of 4 replicates, beside mean4, plain epgm of their mean.

The slow ones (denoised, spline) run on fewer draws.
"""

import argparse
import os
import sys
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402 - the thread counts must be set before
from scipy.interpolate import make_smoothing_spline  # noqa: E402
from scipy.optimize import isotonic_regression  # noqa: E402
from skimage.restoration import denoise_tv_chambolle  # noqa: E402

from zollstock.scoring.jitter import (  # noqa: E402
    corrected_gradient,
    jitter_level,
    replicated_gradient,
    signature,
)
from zollstock.scoring.statistics import evaluate  # noqa: E402

CURVES = {
    "flat": lambda x: 0 * x,
    "ramp": lambda x: x,
    "sigmoid": lambda x: 1 / (1 + np.exp(-12 * (x - 0.5))),
    "late": lambda x: 1 / (1 + np.exp(-40 * (x - 0.8))),
    "jump": lambda x: 0.6 * (x > 0) + 0.4 * x,
    "bump": lambda x: np.exp(-(((x - 0.4) / 0.12) ** 2)),
    "sine": lambda x: 0.5 + 0.5 * np.sin(2 * np.pi * x),
    "two sines": lambda x: 0.5 + 0.5 * np.sin(4 * np.pi * x),
}
REPLICATES = 4


def variation(p):
    """Return Σ |change| along the last axis."""
    return np.abs(np.diff(p, axis=-1)).sum(axis=-1)


def two_scale(p):
    """Return (TV_10 - TV_1 / 10) / (1 - 1 / 10), at least the net change."""
    _, tv = signature(p, [1, min(10, p.shape[1] // 4)])
    share = 1 / min(10, p.shape[1] // 4)
    return np.maximum((tv[:, 1] - share * tv[:, 0]) / (1 - share), np.abs(p[:, -1] - p[:, 0]))


def monotone(p):
    """Return the range of the isotonic fit with the smaller residuals."""
    result = np.empty(len(p))
    for n, row in enumerate(p):
        fits = [isotonic_regression(row, increasing=way).x for way in (True, False)]
        best = min(fits, key=lambda fit: ((fit - row) ** 2).sum())
        result[n] = abs(best[-1] - best[0])
    return result


def denoised(p):
    """Return the total variation after denoising."""
    weight = np.nan_to_num(jitter_level(p)) * np.sqrt(2 * np.log(p.shape[1]))
    rows = zip(p, weight, strict=True)
    kept = [denoise_tv_chambolle(q, w, eps=1e-5, max_num_iter=300) if w else q for q, w in rows]
    return variation(np.array(kept))


def spline(p):
    """Return the total variation of the smoothing spline at the steps."""
    x = np.linspace(0, 1, p.shape[1])
    return variation(np.array([make_smoothing_spline(x, row)(x) for row in p]))


FAST = {
    "plain": variation,
    "signature": lambda p: corrected_gradient(p, method="signature"),
    "two-scale": two_scale,
    "turns": corrected_gradient,
}
SLOW = {"monotone": monotone, "denoised": denoised, "spline": spline}


def noise(rng, shape, rho):
    """Return standard normal jitter, an AR(1) series along the last axis."""
    e = rng.standard_normal(shape)
    for i in range(1, shape[-1]):
        e[..., i] = rho * e[..., i - 1] + np.sqrt(1 - rho * rho) * e[..., i]
    return e


def cell(scores, truth):
    """Return bias / RMSE in percent."""
    error = 100 * (np.asarray(scores) - truth)
    return f"{error.mean():+.0f}/{np.sqrt((error**2).mean()):.0f}"


def report(draws, slow_draws, steps, sigmas, rho):
    """Print the table."""
    columns = [*FAST, *SLOW, "mean4", "seeds"]
    print(f"{'S':>4} {'curve':<10}{'truth':>6}{'σ':>6}  " + "".join(f"{c:>11}" for c in columns))
    for number in steps:
        x = np.linspace(0, 1, number)
        for name, curve in CURVES.items():
            clean = curve(x)
            # What an epgm without jitter gives on these steps; too few steps are another error.
            truth = evaluate("epgm", clean)
            rng = np.random.default_rng(number)
            for sigma in sigmas:
                p = clean + sigma * noise(rng, (draws, number), rho)
                cells = [cell(score(p), truth) for score in FAST.values()]
                cells += [cell(score(p[:slow_draws]), truth) for score in SLOW.values()]
                many = clean + sigma * noise(rng, (draws // 2, REPLICATES, number), rho)
                cells.append(cell(variation(many.mean(axis=1)), truth))
                cells.append(cell(replicated_gradient(many), truth))
                row = "".join(f"{c:>11}" for c in cells)
                print(f"{number:4d} {name:<10}{truth:6.2f}{sigma:6.2f}  {row}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--slow-draws", type=int, default=10)
    parser.add_argument("--steps", type=int, nargs="+", default=[17, 33, 100])
    parser.add_argument("--sigma", type=float, nargs="+", default=[0.0, 0.02, 0.05, 0.2])
    parser.add_argument("--rho", type=float, default=0.0)
    options = parser.parse_args()
    corrected_gradient(np.random.default_rng(0).random((2, 20)))  # compiled before the clock runs
    start = time.process_time()
    report(options.draws, options.slow_draws, options.steps, options.sigma, options.rho)
    big = np.random.default_rng(0).random((10_000, 100))
    print(f"table: {time.process_time() - start:.0f} s of processor time", end="; ")
    start = time.process_time()
    corrected_gradient(big)
    print(f"turns, 10,000 series of 100 steps: {time.process_time() - start:.1f} s")
