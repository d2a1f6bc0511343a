"""Series without an effect: what a path may look like although the property does nothing.

A process draws many paths of one image at once. They are exchangeable: the path of the
property is one of them, the placebos and repeated seeds are the others. A test whose level
holds must reject no more often than its nominal rate on every process.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from zollstock.seeds import rng_for

Array = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, int, int], int], Array]

CENTRE, DEVIATION = 0.5, 0.02
"""Probability that the series swing about, and how far; no test depends on either."""
DRIFT, TREMBLE = 1e-6, 1e-9
"""Height of the smooth drift and deviation of the noise on it."""
EVERY, RESTLESS = 10, 4.0
"""One image in ten moves four times as far as the others, whatever is edited."""


@dataclass(frozen=True)
class Process:
    """One way for paths without an effect to move.

    Attributes
    ----------
    name
        Key in tables.
    title
        Name in figures.
    draw
        From a generator, (n, paths, S) and the number of the first image to standardised
        series of that shape.
    drifts
        Whether all paths share one drift: a slope is there, though the property is not its
        cause. The sign-flip test without placebos is then right to reject.
    part
        Images that are looked at separately too, and what they are called.
    """

    name: str
    title: str
    draw: Draw
    drifts: bool = False
    part: tuple[slice, str, str] | None = None


def autoregression(rng: np.random.Generator, shape: tuple[int, ...], rho: float) -> Array:
    """Return stationary AR(1) series of deviation 1: x_t = ρ x_{t-1} + √(1 - ρ²) e_t.

    Parameters
    ----------
    rng
        Generator.
    shape
        The last axis is time.
    rho
        Correlation of neighbours, in [0, 1); 0 is independent noise.
    """
    noise = rng.standard_normal(shape)
    if rho == 0:
        return noise
    scale = np.sqrt(1 - rho**2)
    noise[..., 1:] *= scale
    return np.asarray(lfilter([1.0], [1.0, -rho], noise, axis=-1))


def _ar(rho: float) -> Draw:
    return lambda rng, shape, first: autoregression(rng, shape, rho)


def _walk(rng: np.random.Generator, shape: tuple[int, int, int], first: int) -> Array:
    steps = rng.standard_normal(shape)
    return np.asarray(np.cumsum(steps, axis=-1) / np.sqrt(shape[-1]))


def sigmoid(steps: int) -> Array:
    """Return a smooth rise from near 0 to near 1 in that many steps."""
    return np.asarray(1 / (1 + np.exp(-10 * (np.linspace(0, 1, steps) - 0.5))))


def _drift(rng: np.random.Generator, shape: tuple[int, int, int], first: int) -> Array:
    tremble = rng.standard_normal(shape) * TREMBLE
    return np.asarray((DRIFT * sigmoid(shape[-1]) + tremble) / DEVIATION)


def _uneven(rng: np.random.Generator, shape: tuple[int, int, int], first: int) -> Array:
    size = np.where((first + np.arange(shape[0])) % EVERY == 0, RESTLESS, 1.0)
    return size[:, None, None] * autoregression(rng, shape, 0.9)


PROCESSES: tuple[Process, ...] = (
    Process("iid", "independent noise", _ar(0.0)),
    *(
        Process(f"ar_{rho:g}", f"AR(1), ρ = {rho:g}", _ar(rho))
        for rho in (0.3, 0.5, 0.7, 0.9, 0.95)
    ),
    Process("walk", "random walk", _walk),
    Process("drift", f"the same drift of {DRIFT:g} everywhere", _drift, drifts=True),
    Process(
        "uneven",
        f"AR(1), ρ = 0.9, each {EVERY}th image ×{RESTLESS:g}",
        _uneven,
        part=(slice(None, None, EVERY), "restless", f"… only these ×{RESTLESS:g} images"),
    ),
)
"""The processes, in the order of tables."""


def blocks(
    process: Process, count: int, paths: int, steps: int, *seed: object, size: int = 100
) -> Iterator[Array]:
    """Yield the paths of `count` images, at most `size` images at a time.

    Image n is the same whatever `count` and `size` are.

    Parameters
    ----------
    process
        What is drawn.
    count, paths, steps
        Images N, paths of each, steps S.
    *seed
        Names the draw, together with the process.
    size
        Images held at once.

    Yields
    ------
    ndarray
        Probabilities, shape (n, paths, S).
    """
    rng = rng_for("calibration", *seed, process.name)
    for first in range(0, count, size):
        shape = (min(size, count - first), paths, steps)
        yield CENTRE + DEVIATION * process.draw(rng, shape, first)
