"""What lies over the skin: hairs, a ruler, a coloured patch at the rim."""

import numpy as np

from zollstock.worlds.lesions import HAIRS
from zollstock.worlds.parts import Painting
from zollstock.worlds.shapes import (
    Columns,
    Plane,
    cover,
    ellipse,
    hue_colour,
    mix,
    triangle_wave,
)

HAIR = ((0.10, 0.07, 0.06), (0.52, 0.36, 0.20))
"""Dark and fair."""


def draw_hairs(painting: Painting, x: Plane, y: Plane, latents: Columns, pixel: float) -> None:
    """Lay curved hairs across the picture."""
    weight = np.zeros_like(x)
    for k in range(HAIRS):
        cos, sin = latents[f"hair_{k}_angle_cos"], latents[f"hair_{k}_angle_sin"]
        u = x * cos
        u += y * sin
        v = y * cos
        v -= x * sin
        v -= latents[f"hair_{k}_offset"]
        u *= u
        u *= latents[f"hair_{k}_bend"]
        v -= u
        np.abs(v, out=v)
        v -= 0.012
        strand = cover(v, 1.1 * pixel)
        strand *= np.clip(HAIRS * latents["hair"] - k, 0.0, 1.0) * 0.85
        np.maximum(weight, strand, out=weight)
    fair = latents["hair_colour"]
    painting.lay("hair", [mix(a, b, fair) for a, b in zip(*HAIR, strict=True)], weight)


def draw_ruler(painting: Painting, x: Plane, y: Plane, latents: Columns, pixel: float) -> None:
    """Lay a ruler along one side."""
    side = np.floor(latents["ruler_side"])  # right, below, left, above
    across = np.where(side % 2 == 0, x, y) * np.where(side < 2, 1.0, -1.0).astype(np.float32)
    along = np.where(side % 2 == 0, y, x)
    away = across - latents["ruler_reach"]
    weight = cover(-away, 1.5 * pixel)
    weight *= latents["ruler"]
    long = triangle_wave(along * 1.25)
    short = triangle_wave(along * 5.0)
    # Ticks stand at the edge of the ruler: every fifth is longer.
    tick = cover(0.93 - short, 0.12)
    tick *= cover(away - 0.07, 1.5 * pixel)
    mark = cover(0.98 - long, 0.03)
    mark *= cover(away - 0.14, 1.5 * pixel)
    np.maximum(tick, mark, out=tick)
    ink = tick * -0.80
    ink += 1.0
    painting.lay("ruler", (0.93 * ink, 0.93 * ink, 0.88 * ink), weight)


def draw_patch(painting: Painting, x: Plane, y: Plane, latents: Columns, pixel: float) -> None:
    """Lay a coloured patch at the rim; its weight is its opacity, too."""
    # Along the sides of a square, so that it neither leaves the picture nor covers the lesion.
    cos, sin = latents["patch_place_cos"], latents["patch_place_sin"]
    stretch = latents["patch_reach"] / np.maximum(np.abs(cos), np.abs(sin))
    px = x - cos * stretch
    py = y - sin * stretch
    radius = latents["patch_size"]
    disc = cover(ellipse(px, py, radius, 0.85 * radius), 1.5 * pixel)
    disc *= latents["patch"]
    shade = py * -0.18
    shade += 0.62
    colour = hue_colour(latents["patch_hue"], 0.75)
    painting.lay("patch", [shade * channel for channel in colour], disc)
