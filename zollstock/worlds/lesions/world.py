"""Nevi and melanomas, drawn: a structural causal model with an exact `do`.

What tells the classes apart is what dermatologists look for: asymmetry, border, colours and
diameter. A coloured patch at the rim of the picture, as some clinics put beside harmless lesions,
tells nothing of the disease and much of the collection.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zollstock.worlds.base import Latents, World, columns_of
from zollstock.worlds.lesions import BLOTCHES, DRAWN, EVIDENCE, FACTS, HARMONICS
from zollstock.worlds.lesions.artefacts import draw_hairs, draw_patch, draw_ruler
from zollstock.worlds.noise import develop, normal, smooth_fields, uniform, uniform_in
from zollstock.worlds.parts import Painting
from zollstock.worlds.shapes import (
    Columns,
    Plane,
    coordinates,
    cover,
    mix,
    paint,
)

SPREAD = 1.1
"""Standard deviation of the malignancy around its class, in units of the shape noise: with the
default some 6 % of the lesions look more like the other class, to whoever looks."""
PATCHED, STRAY = 0.5, 0.25
"""Share of the nevi with a patch where patches follow the class, and of all lesions elsewhere."""
RULED, HAIRY = 0.25, 0.5

TONES = ((0.96, 0.80, 0.72), (0.80, 0.58, 0.44), (0.50, 0.33, 0.25))
"""Light, medium and dark skin."""
BROWNS = ((0.55, 0.34, 0.22), (0.26, 0.14, 0.09))
"""A pale and a dark lesion."""
SHADES = (
    (0.17, 0.09, 0.07),
    (0.32, 0.36, 0.47),
    (0.07, 0.05, 0.06),
    (0.66, 0.24, 0.22),
    (0.80, 0.70, 0.68),
)
"""Dark brown, blue-grey, black, red and white: in the order in which blotches appear."""
PLAIN_WAVES = (0.01, 0.08, 0.015, 0.012, 0.008, 0.006, 0.005, 0.005)
WILD_WAVES = (0.16, 0.20, 0.16, 0.10, 0.085, 0.07, 0.055, 0.05)
"""Most that each harmonic adds to the radius of a nevus and of a melanoma."""


class Lesions(World):
    """Nevi (label 0) and melanomas (label 1); see `zollstock.worlds.base.World`."""

    name = "lesions"
    facts = FACTS

    def draw(
        self,
        labels: NDArray[np.integer],
        seeds: NDArray[np.uint64],
        distribution: str,
        bias: float,
        shape_noise: float,
    ) -> Latents:
        """Draw the latents: malignancy, its four signs, and what tells nothing of the class.

        In `unbiased` a quarter of all lesions carry a patch, in `clean` none; in `patched_nevi`
        half of the nevi and no melanoma. `bias` is the share of images that follow the latter.
        """
        latents: Latents = {}
        noise = SPREAD * shape_noise * normal(seeds, "malignancy")
        latents["malignancy"] = np.clip(labels + noise, -0.25, 1.25)
        for sign in EVIDENCE:
            latents[f"{sign}_jitter"] = 0.5 * shape_noise * normal(seeds, f"{sign}_jitter")
        latents |= uniform_in(seeds, DRAWN)
        chance = np.full(labels.shape, STRAY if distribution != "clean" else 0.0)
        if distribution == "patched_nevi":
            follows = uniform(seeds, "bias") < bias
            chance = np.where(follows, np.where(labels == 0, PATCHED, 0.0), chance)
        latents["patch"] = np.where(
            uniform(seeds, "patched") < chance, 0.75 + 0.25 * uniform(seeds, "patch"), 0.0
        )
        latents["ruler"] = (uniform(seeds, "ruler") < RULED).astype(np.float64)
        hair = uniform(seeds, "hair")
        latents["hair"] = np.where(hair < HAIRY, hair / HAIRY, 0.0)
        return latents

    def paint(
        self,
        latents: Latents,
        size: int,
        frames: NDArray[np.uint8],
        masks: bool,
        shares: NDArray[np.float32] | None,
    ) -> Mapping[str, Plane]:
        """Paint a chunk; see `World.paint`."""
        angles = {
            name: latents[name] * np.pi
            for name in latents
            if name == "rotation" or name.endswith(("_phase", "_place", "_angle"))
        }
        columns = columns_of(latents, angles)
        evidence: Columns = {
            sign: np.clip(columns["malignancy"] + columns[f"{sign}_jitter"], -0.15, 1.2)
            for sign in EVIDENCE
        }
        x, y, pixel = coordinates(len(frames), size)
        grain, other_grain, texture = smooth_fields(latents["noise_seed"], size)
        told = masks or shares is not None
        painting = Painting(FACTS.parts, _skin(columns, texture), told)
        _lesion(painting, x, y, evidence, columns, texture, pixel)
        shade = _light(x, y, columns)
        for plane in painting.canvas:
            plane *= shade
        draw_hairs(painting, x, y, columns, pixel)
        draw_ruler(painting, x, y, columns, pixel)
        draw_patch(painting, x, y, columns, pixel)
        develop(painting.canvas, (grain, other_grain), columns, frames)
        return painting.regions(masks, shares)


WORLD = Lesions()


def _skin(latents: Columns, texture: Plane) -> list[Plane]:
    """Return the three planes of bare skin, with its lines and a blush."""
    tone = latents["skin_tone"]
    light, dark = np.clip(2.0 * tone, 0.0, 1.0), np.clip(2.0 * tone - 1.0, 0.0, 1.0)
    blush = 0.06 * latents["redness"]
    fine = texture * 0.010
    fine += 1.0
    canvas = []
    for channel in range(3):
        a, b, c = (colour[channel] for colour in TONES)
        base = mix(mix(a, b, light), c, dark)
        canvas.append(fine * (base * (1.0 + blush if channel == 0 else 1.0 - blush)))
    return canvas


def _light(x: Plane, y: Plane, latents: Columns) -> Plane:
    """Return the brightness of the lamp in every pixel: to one side, and less in the corners."""
    shade = x * (0.06 * latents["light_x"])
    shade += y * (0.06 * latents["light_y"])
    shade += 1.0
    far = x * x
    far += y * y
    far -= 0.7
    np.maximum(far, 0.0, out=far)
    far *= 0.45 * latents["vignette"]
    shade -= far
    return shade


def _lesion(
    painting: Painting,
    x: Plane,
    y: Plane,
    evidence: Columns,
    latents: Columns,
    texture: Plane,
    pixel: float,
) -> None:
    """Lay the lesion over the skin."""
    px, py = x - latents["position_x"], y - latents["position_y"]
    cos, sin = latents["rotation_cos"], latents["rotation_sin"]
    u = px * cos
    u += py * sin
    v = py * cos
    v -= px * sin
    far = u * u
    far += v * v
    np.sqrt(far, out=far)
    far += 1e-4
    inverse = 1.0 / far
    radius = mix(0.34, 0.56, evidence["diameter"]) * latents["size"]

    # The radius towards each side: harmonics of the angle, by recurrence from its cosine.
    first = (u * inverse, v * inverse)
    c, s = first[0].copy(), first[1].copy()
    outline = np.ones_like(u)
    for k, harmonic in enumerate(HARMONICS):
        if k:
            c, s = c * first[0] - s * first[1], s * first[0] + c * first[1]
        sign = evidence["asymmetry" if harmonic < 4 else "border"]
        most = mix(PLAIN_WAVES[k], WILD_WAVES[k], np.maximum(sign, 0.0))
        strength = most * latents[f"wave_{k}_strength"]
        outline += c * (strength * latents[f"wave_{k}_phase_cos"])
        outline += s * (strength * latents[f"wave_{k}_phase_sin"])
    outline *= radius
    distance = far - outline
    soft = mix(0.26, 0.07, np.clip(evidence["border"], 0.0, 1.0)) * radius + 1.5 * pixel
    weight = cover(distance + 0.25 * soft, soft)

    # A nevus is darkest in the middle; the browns of a melanoma are in its blotches.
    middle = far * (-0.55 / radius)
    middle += 1.0
    np.clip(middle, 0.0, 1.0, out=middle)
    depth = mix(0.25, 0.85, latents["pigment"]) + 0.30 * (middle - 0.5)
    depth += texture * 0.07
    np.clip(depth, 0.0, 1.0, out=depth)
    colours = [mix(pale, dark, depth) for pale, dark in zip(*BROWNS, strict=True)]
    shown = np.maximum(evidence["colours"], 0.0) * (BLOTCHES - 0.5)
    for k in range(BLOTCHES):
        reach = latents[f"blotch_{k}_reach"] * radius
        bu = u - reach * latents[f"blotch_{k}_place_cos"]
        bv = v - reach * latents[f"blotch_{k}_place_sin"]
        bu *= bu
        bv *= bv
        bu += bv
        width = latents[f"blotch_{k}_size"] * radius
        bu *= -1.0 / (width * width)
        bu += 1.0 + 0.12 * texture
        np.clip(bu, 0.0, 1.0, out=bu)
        bu *= np.clip(shown - k, 0.0, 1.0) * 0.92
        paint(colours, SHADES[k], bu)
    painting.lay("lesion", colours, weight)
