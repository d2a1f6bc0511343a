"""The cat or dog itself: parts, fur and face.

All lengths are in half head widths with the head's centre at the origin and v downwards.
Each part has its own class evidence (0 cat, 1 dog), and every measure of the part runs
between the cat's and the dog's with it.
"""

from dataclasses import dataclass

import numpy as np

from zollstock.worlds.parts import Visible
from zollstock.worlds.shapes import (
    Columns,
    Plane,
    blend,
    capsule,
    cover,
    ellipse,
    mix,
    triangle_wave,
)

FURRY = ("tail", "body", "head", "ears", "muzzle")
"""Those with fur, from back to front."""

HUES = ((0.55, -0.45), (0.30, -0.75), (-0.18, 0.25))
"""Red and blue excess of the fur at hue 0 (fox), ½ (sand) and 1 (slate)."""
LUMA = (0.299, 0.587, 0.114)


@dataclass
class Pose:
    """Coordinates of a chunk of N images.

    Attributes
    ----------
    u, v
        Upright coordinates around the head's centre, for the body; (N, H, W).
    hu, hv
        The same turned by the head's tilt; (N, H, W).
    pixel
        Width of a pixel in these units; (N, 1, 1).
    """

    u: Plane
    v: Plane
    hu: Plane
    hv: Plane
    pixel: Plane


def place(x: Plane, y: Plane, latents: Columns, pixel: float) -> Pose:
    """Return the animal's coordinates from the image's (−1 to 1, y downwards)."""
    inverse = 1.0 / (0.385 * latents["size"])
    u = (x - latents["position_x"]) * inverse
    v = (y - (latents["position_y"] - 0.20)) * inverse
    cos, sin = latents["tilt_cos"], latents["tilt_sin"]
    hu = u * cos
    hu += v * sin
    hv = v * cos
    hv -= u * sin
    return Pose(u, v, hu, hv, (pixel * inverse).astype(np.float32))


@dataclass
class Fur:
    """What the fur looks like before its colour is chosen: colour = albedo·shade + glow.

    `parts` are the share of each furry part in its shade, if they are asked for; they sum to 1.
    """

    weight: Plane
    shade: Plane
    glow: Plane
    outline: Plane
    parts: Visible | None = None

    def add(self, name: str, weight: Plane, shade: Plane | float) -> None:
        """Lay a furry part over what is there."""
        blend(self.shade, shade, weight)
        np.maximum(self.weight, weight, out=self.weight)
        if self.parts is not None:
            self.parts.lay(name, weight)


def draw_fur(
    pose: Pose, evidence: Columns, latents: Columns, texture: Plane, parts: bool = False
) -> Fur:
    """Return weight, shading and outline of everything furry.

    Parameters
    ----------
    pose
        Coordinates.
    evidence
        Class evidence per part, each (N, 1, 1).
    latents
        The latents, each (N, 1, 1).
    texture
        Smooth field of mean 0 and variance 1, (N, H, W).
    parts
        Whether to tell the share of each furry part.
    """
    soft = 1.4 * pose.pixel
    u, v, side = pose.u, pose.v, np.abs(pose.u)
    light_x, light_y = latents["light_x"], latents["light_y"]

    e = evidence["tail"]
    tu = u * latents["tail_side"]
    thick, tip = mix(0.13, 0.22, e), mix(0.10, 0.12, e)
    knots = (
        (0.6, mix(2.80, 2.50, e)),
        (mix(1.25, 1.15, e), mix(2.72, 2.22, e)),
        (mix(1.62, 1.42, e), mix(2.25, 1.90, e)),
        (mix(1.66, 1.62, e), mix(1.15, 1.45, e)),
    )
    widths = (thick, thick, mix(0.5, 0.6, e) * (thick + tip), tip)
    tail = capsule(tu, v, knots[0], knots[1], widths[0], widths[1])
    for k in (1, 2):
        bend = capsule(tu, v, knots[k], knots[k + 1], widths[k], widths[k + 1])
        np.minimum(tail, bend, out=tail)
    distance = tail
    weight = cover(tail, soft)
    seen = Visible(FURRY, u) if parts else None
    fur = Fur(weight, np.full_like(u, 0.86), np.zeros_like(u), weight, seen)

    e = evidence["body"]
    width = mix(0.80, 1.12, e)
    body = ellipse(u, v - 2.05, width, 1.45)
    haunch = ellipse(side - mix(0.62, 0.85, e), v - 2.85, 0.45, 0.55)
    np.minimum(body, haunch, out=body)
    np.minimum(distance, body, out=distance)
    shade = u * (0.16 * light_x / width)
    shade += 0.88
    fur.add("body", cover(body, soft), shade)
    leg_u = mix(0.30, 0.46, e)
    leg = capsule(side, v, (leg_u, 1.9), (leg_u, 3.05), mix(0.19, 0.27, e), mix(0.23, 0.33, e))
    np.minimum(distance, leg, out=distance)
    legs = cover(leg, soft)
    rim = cover(np.abs(leg + 0.02), 0.16)
    rim *= 0.28
    fur.add("body", legs, 0.95)
    fur.shade -= rim * cover(1.7 - v, 0.5) * legs

    hu, hv, hside = pose.hu, pose.hv, np.abs(pose.hu)
    e = evidence["head"]
    a, b = mix(1.06, 0.90, e), mix(0.86, 1.02, e)
    head = ellipse(hu, hv, a, b)
    np.minimum(distance, head, out=distance)
    shadow = cover(head - 0.12, 0.45)  # the head's shadow on the chest
    shadow *= -0.30
    shadow += 1.0
    fur.shade *= shadow
    shade = hu * (0.17 * light_x)
    shade += hv * (0.15 * light_y)
    shade += 0.92
    fur.add("head", cover(head, soft), shade)

    e = evidence["ears"]
    # The ear turns outwards from upright to hanging; a parabola replaces the arc.
    root = (mix(0.60, 0.80, e), mix(-0.50, -0.52, e))
    bow = 4.0 * e * (1.0 - e)
    end = (root[0] + mix(0.26, 0.24, e) + 0.55 * bow, root[1] + mix(-0.92, 1.15, e))
    ear = capsule(hside, hv, root, end, mix(0.36, 0.17, e), mix(0.02, 0.27, e))
    np.minimum(distance, ear, out=distance)
    ears = cover(ear, soft)
    rim = cover(np.abs(ear), 0.14)
    rim *= mix(0.10, 0.32, e)
    inside_head = fur.weight
    fur.shade -= rim * inside_head
    fur.add("ears", ears, mix(0.88, 0.72, e))

    e = evidence["muzzle"]
    muzzle = ellipse(hu, hv - mix(0.38, 0.52, e), mix(0.44, 0.60, e), mix(0.28, 0.60, e))
    np.minimum(distance, muzzle, out=distance)
    snout = cover(muzzle, 0.10 + soft)
    rim = cover(np.abs(muzzle - 0.08), 0.2)
    rim *= mix(0.08, 0.22, e)
    fur.shade -= rim
    fur.add("muzzle", snout, 1.0)
    fur.glow += snout * 0.07

    stripes = triangle_wave(2.1 * v + 0.35 * side + 0.12 * texture)
    np.clip(stripes, 0.35, 0.70, out=stripes)
    stripes -= 0.35
    stripes *= latents["stripes"]
    stripes *= 1.0 - snout
    fur.shade *= 1.0 - stripes
    fur.shade += texture * latents["fur_texture"]
    np.clip(fur.shade, 0.25, 1.06, out=fur.shade)

    edge = distance * (1.0 / 0.28)
    edge += 1.0
    np.clip(edge, 0.0, 1.0, out=edge)
    fur.glow += edge * 0.14  # rim light, so that black fur stands out from a dark room
    fur.outline = cover(distance - 0.07, 1.2 * soft)
    return fur


def fur_colour(fur: Fur, latents: Columns) -> tuple[Plane, ...]:
    """Return the fur's red, green and blue planes.

    The tint has no luminance of its own, so luminance is albedo·shade + glow and grows with
    `fur_lightness` in every pixel. Light fur takes less tint, as white animals do.
    """
    lightness, hue = latents["fur_lightness"], latents["fur_hue"]
    albedo = mix(0.05, 0.97, lightness)
    low = np.clip(1.0 - 2.0 * hue, 0.0, 1.0)
    high = np.clip(2.0 * hue - 1.0, 0.0, 1.0)
    shares = (low, 1.0 - low - high, high)
    red = sum(share * tint[0] for share, tint in zip(shares, HUES, strict=True))
    blue = sum(share * tint[1] for share, tint in zip(shares, HUES, strict=True))
    green = -(LUMA[0] * red + LUMA[2] * blue) / LUMA[1]
    strength = latents["fur_saturation"] * (1.0 - 0.75 * lightness)
    return tuple(
        fur.shade * (albedo * (1.0 + strength * tint)) + fur.glow for tint in (red, green, blue)
    )
