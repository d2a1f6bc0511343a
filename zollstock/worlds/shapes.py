"""Soft-edged shapes from signed distances, vectorised over images.

Coordinates are (N, H, W) float32 arrays, parameters (N, 1, 1) arrays or numbers. Distances
are negative inside. Only sums, products, quotients, square roots and rounding are used per
pixel: IEEE 754 fixes their results, so a pixel's value cannot depend on where it lies in a
batch.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.floating]
Scalar = Plane | float
Columns = dict[str, Plane]
"""Latents as they are used per pixel, (N, 1, 1) each."""


def as_columns(latents: Mapping[str, NDArray[np.float64]]) -> Columns:
    """Return latents, (N,) each, as (N, 1, 1) float32."""
    return {key: column.astype(np.float32)[:, None, None] for key, column in latents.items()}


def coordinates(count: int, size: int) -> tuple[Plane, Plane, float]:
    """Return x and y of each pixel from −1 to 1, y downwards, and the width of a pixel.

    Parameters
    ----------
    count
        Images N.
    size
        Height and width in pixels.

    Returns
    -------
    x, y
        float32, shape (N, size, size).
    pixel
        In the same unit.
    """
    pixel = 2.0 / size
    axis = ((np.arange(size, dtype=np.float32) + 0.5) * np.float32(pixel) - 1.0).astype(np.float32)
    # Copies, since a broadcast view hands its odd memory layout on to every result.
    x = np.ascontiguousarray(np.broadcast_to(axis[None, None, :], (count, size, size)))
    y = np.ascontiguousarray(np.broadcast_to(axis[None, :, None], (count, size, size)))
    return x, y, pixel


def ellipse(x: Plane, y: Plane, a: Scalar, b: Scalar) -> Plane:
    """Return the approximate distance to an ellipse of half axes `a`, `b` at the origin.

    (|(x/a, y/b)| − 1) · √(ab): exact for a circle and zero on every ellipse.
    """
    p = x * (1.0 / a)
    p *= p
    q = y * (1.0 / b)
    q *= q
    p += q
    np.sqrt(p, out=p)
    p -= 1.0
    p *= np.sqrt(np.asarray(a * b, dtype=np.float32))
    return p


def capsule(
    x: Plane,
    y: Plane,
    start: tuple[Scalar, Scalar],
    end: tuple[Scalar, Scalar],
    radius: Scalar,
    end_radius: Scalar,
) -> Plane:
    """Return the approximate distance to a round-ended stick whose radius changes linearly."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    inverse = 1.0 / (dx * dx + dy * dy)
    px = x - start[0]
    py = y - start[1]
    along = px * (dx * inverse)
    along += py * (dy * inverse)
    np.clip(along, 0.0, 1.0, out=along)
    px -= along * dx
    py -= along * dy
    px *= px
    py *= py
    px += py
    np.sqrt(px, out=px)
    along *= end_radius - radius
    px -= along
    px -= radius
    return px


def box(x: Plane, y: Plane, a: Scalar, b: Scalar) -> Plane:
    """Return the distance, outside by the larger axis, to a box of half sides `a`, `b`."""
    p = np.abs(x)
    p -= a
    q = np.abs(y)
    q -= b
    np.maximum(p, q, out=p)
    return p


def cover(distance: Plane, softness: Scalar) -> Plane:
    """Return the share of a pixel inside a shape: 1 to 0 over an edge `softness` wide."""
    c = distance * (-1.0 / softness)
    c += 0.5
    np.clip(c, 0.0, 1.0, out=c)
    return c


def mix(low: Scalar, high: Scalar, share: Plane) -> Plane:
    """Return the point at `share` of the way from `low` to `high`."""
    return low + (high - low) * share


def blend(plane: Plane, value: Scalar | Plane, weight: Plane) -> None:
    """Lay `value` over `plane` in place.

    Written as plane·(1 − w) + value·w, which is exact at w = 0 and w = 1: a fully covered
    pixel carries no rounding trace of what lies beneath.
    """
    plane *= 1.0 - weight
    plane += value * weight


def paint(canvas: list[Plane], colour: tuple[Scalar | Plane, ...], weight: Plane) -> None:
    """Lay a colour over the three planes of `canvas` in place; see `blend`."""
    rest = 1.0 - weight
    for plane, value in zip(canvas, colour, strict=True):
        plane *= rest
        plane += value * weight


def triangle_wave(x: Plane) -> Plane:
    """Return a wave of period 1 that runs linearly between 0 (at integers) and 1."""
    t = x - np.floor(x)
    t *= 2.0
    t -= 1.0
    np.abs(t, out=t)
    return 1.0 - t


def hue_colour(hue: Plane, saturation: float) -> tuple[Plane, ...]:
    """Return channel factors around 1 for a hue on the colour circle, each (N, 1, 1).

    Parabolic arcs stand in for the cosine; only their smoothness and period matter.
    """
    channels = []
    for shift in (0.0, 1.0 / 3.0, 2.0 / 3.0):
        t = hue + (0.5 - shift)
        t = np.abs(t - np.floor(t) - 0.5)  # distance on the circle, 0 to 0.5
        channels.append((1.0 + saturation * (1.0 - 24.0 * t * t + 32.0 * t * t * t)).astype("f4"))
    return tuple(channels)
