"""Random numbers that are a pure function of (seed, counter).

No generator state exists, so an image's draws depend neither on its neighbours in a batch
nor on the order in which they are made. The mixers are the finalisers of SplitMix64
(Steele, Lea & Flood 2014) and MurmurHash3.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from zollstock.seeds import seed_for
from zollstock.worlds.facts import Range
from zollstock.worlds.shapes import Columns, Plane

MASK_64 = (1 << 64) - 1


@cache
def stream(name: str) -> np.uint64:
    """Return the stream number of a latent's name: new latents leave the others' draws alone."""
    return np.uint64(seed_for("latent", name) & MASK_64)


def uniform(seeds: NDArray[np.uint64], name: str) -> NDArray[np.float64]:
    """Return one uniform number per seed for the draw called `name`.

    Parameters
    ----------
    seeds
        uint64, shape (N,).
    name
        What is drawn.

    Returns
    -------
    ndarray
        float64 in (0, 1), shape (N,).
    """
    x = seeds.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + stream(name)
    for _ in range(2):  # twice: consecutive seeds must not leave a trace
        x ^= x >> np.uint64(30)
        x *= np.uint64(0xBF58476D1CE4E5B9)
        x ^= x >> np.uint64(27)
        x *= np.uint64(0x94D049BB133111EB)
        x ^= x >> np.uint64(31)
    return ((x >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def uniform_in(
    seeds: NDArray[np.uint64], ranges: Mapping[str, Range]
) -> dict[str, NDArray[np.float64]]:
    """Return one uniform number per seed and name, each within its range, shape (N,)."""
    return {name: low + (high - low) * uniform(seeds, name) for name, (low, high) in ranges.items()}


def normal(seeds: NDArray[np.uint64], name: str) -> NDArray[np.float64]:
    """Return one standard normal number per seed for the draw called `name`, shape (N,)."""
    return np.asarray(ndtri(uniform(seeds, name)), dtype=np.float64)


def smooth_fields(noise_seeds: NDArray[np.float64], size: int) -> NDArray[np.float32]:
    """Return three independent smooth fields per image, of mean 0 and variance 1.

    A hash of pixel number and seed gives three 10-bit uniform numbers per pixel; a
    binomial filter (1 2 1)/4 along both axes makes each nearly normal and smooth over
    about two pixels.

    Parameters
    ----------
    noise_seeds
        Integers in [0, 2³²), shape (N,).
    size
        Height and width in pixels.

    Returns
    -------
    ndarray
        float32, shape (3, N, size, size).
    """
    padded = size + 2
    counter = np.arange(padded * padded, dtype=np.uint32).reshape(1, padded, padded)
    x = counter * np.uint32(0x9E3779B1) + noise_seeds.astype(np.uint32)[:, None, None]
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x ^= x >> np.uint32(shift)
        x *= np.uint32(factor)
    x ^= x >> np.uint32(16)

    fields = np.empty((3, len(noise_seeds), size, size), dtype=np.float32)
    # A uniform integer in [0, 1023] has variance (1024² − 1)/12; the filter keeps 6/16 of it
    # per axis and, unnormalised (1 2 1 twice), multiplies values by 16.
    scale = np.float32(1.0 / (16.0 * math.sqrt((1024**2 - 1) / 12.0) * 6.0 / 16.0))
    for k in range(3):
        bits = ((x >> np.uint32(10 * k)) & np.uint32(1023)).astype(np.int32)
        rows = bits[:, 1:-1] * 2
        rows += bits[:, :-2]
        rows += bits[:, 2:]
        total = rows[:, :, 1:-1] * 2
        total += rows[:, :, :-2]
        total += rows[:, :, 2:]
        np.subtract(total, np.float32(16 * 511.5), out=fields[k], casting="unsafe")
        fields[k] *= scale
    return fields


def noise_shares(latents: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Return how much of two fields a picture's noise is made of, `noise_cos` and `noise_sin`.

    `noise_angle` (in quarter turns) goes from one to the other; the sum has the standard
    deviation `noise_amplitude` all along.
    """
    angle = latents["noise_angle"] * (np.pi / 2)
    strength = latents["noise_amplitude"]
    return {"noise_cos": strength * np.cos(angle), "noise_sin": strength * np.sin(angle)}


def develop(
    canvas: Sequence[Plane], grain: tuple[Plane, Plane], latents: Columns, frames: NDArray[np.uint8]
) -> None:
    """Add the noise to a canvas and write it as bytes.

    Parameters
    ----------
    canvas
        Three planes in [0, 1], (N, H, W); used up.
    grain
        Two fields, (N, H, W); used up.
    latents
        Those of `noise_shares`.
    frames
        What is written, (N, H, W, 3).
    """
    first, second = grain
    first *= latents["noise_cos"]
    second *= latents["noise_sin"]
    first += second
    for channel, plane in enumerate(canvas):
        plane += first
        plane *= 255.0
        plane += 0.5
        np.clip(plane, 0.0, 255.0, out=plane)
        frames[..., channel] = plane
