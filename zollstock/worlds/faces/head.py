"""The head: hair, neck, ears, skin.

All lengths are in half head widths with the middle of the face at the origin and v downwards.
"""

from dataclasses import dataclass

import numpy as np

from zollstock.worlds.parts import Painting
from zollstock.worlds.shapes import (
    Columns,
    Plane,
    Scalar,
    capsule,
    cover,
    ellipse,
    hue_colour,
    mix,
)

TONES = ((0.97, 0.80, 0.70), (0.82, 0.60, 0.45), (0.44, 0.28, 0.20))
"""Light, medium and dark skin."""
HAIRS = ((0.09, 0.065, 0.055), (0.42, 0.24, 0.13), (0.90, 0.74, 0.44))
"""Black, brown and fair hair."""
GREYS = ((0.56, 0.57, 0.59), (0.90, 0.90, 0.90))
"""Of hair that was dark, and that was fair."""


@dataclass
class Head:
    """Where a chunk of N heads is, and what they are like.

    Attributes
    ----------
    u, v
        Coordinates of the tilted head, (N, H, W).
    upright
        The same without the tilt, for shoulders.
    pixel
        Width of a pixel in these units, (N, 1, 1).
    latents, evidence
        The latents, and the evidence of old age of each sign, (N, 1, 1) each.
    shade
        Of the light on the head, (N, H, W).
    texture
        A smooth field of mean 0 and variance 1, (N, H, W).
    """

    u: Plane
    v: Plane
    upright: tuple[Plane, Plane]
    pixel: Plane
    latents: Columns
    evidence: Columns
    shade: Plane
    texture: Plane

    @property
    def soft(self) -> Plane:
        """Width of an edge."""
        return 1.4 * self.pixel

    def skin(self, factor: Scalar | Plane = 1.0) -> list[Plane]:
        """Return the colour of lit skin, times a factor."""
        lit = self.shade * factor
        return [lit * channel for channel in _of_three(TONES, self.latents["skin_tone"])]

    def hair(self, factor: Scalar | Plane = 1.0) -> list[Plane]:
        """Return the colour of the hair, times a factor."""
        lightness, grey = self.latents["hair_lightness"], self.latents["hair_greyness"]
        own = _of_three(HAIRS, 1.0 * lightness)
        turned = [mix(dark, fair, lightness) for dark, fair in zip(*GREYS, strict=True)]
        lit = self.shade * factor
        return [lit * mix(a, b, grey) for a, b in zip(own, turned, strict=True)]


def _of_three(colours: tuple[tuple[float, ...], ...], share: Plane) -> list[Plane]:
    """Return the colour at `share` of the way over three."""
    first, last = np.clip(2.0 * share, 0.0, 1.0), np.clip(2.0 * share - 1.0, 0.0, 1.0)
    return [mix(mix(a, b, first), c, last) for a, b, c in zip(*colours, strict=True)]


def place(
    x: Plane, y: Plane, latents: Columns, evidence: Columns, texture: Plane, pixel: float
) -> Head:
    """Return the coordinates of heads from the image's (−1 to 1, y downwards)."""
    inverse = 1.0 / (0.50 * latents["size"])
    u = (x - latents["position_x"]) * inverse
    v = (y - (latents["position_y"] - 0.02)) * inverse
    cos, sin = latents["tilt_cos"], latents["tilt_sin"]
    hu = u * cos
    hu += v * sin
    hv = v * cos
    hv -= u * sin
    shade = hu * (0.13 * latents["light_x"])
    shade += hv * (0.10 * latents["light_y"])
    shade += 0.97
    np.clip(shade, 0.6, 1.12, out=shade)
    return Head(
        hu, hv, (u, v), (pixel * inverse).astype(np.float32), latents, evidence, shade, texture
    )


def face_outline(head: Head) -> Plane:
    """Return the distance to the outline of the face: round in the young, with jowls in the old."""
    e = head.evidence["face_shape"]
    taper = head.v * mix(-0.17, 0.06, e)
    taper += 1.0
    np.clip(taper, 0.55, 1.5, out=taper)
    return ellipse(head.u / taper, head.v - 0.05, mix(0.98, 0.90, e), mix(1.12, 1.34, e))


def draw_head(painting: Painting, head: Head) -> None:
    """Lay long hair, shoulders, neck, ears and the face over the wall."""
    u, v, soft, latents = head.u, head.v, head.soft, head.latents
    side = np.abs(u)
    strands = 1.0 + 0.045 * head.texture

    length = latents["hair_length"]
    low = mix(-0.1, 2.0, length)
    mane = capsule(side, v, (0.45, -0.35), (mix(0.5, 0.82, length), low), 0.78, 0.42)
    painting.lay("hair", head.hair(0.72 * strands), cover(mane, soft))

    au, av = head.upright
    neck = capsule(u, v, (0.0, 0.9), (0.0, 1.75), 0.48, 0.52)
    painting.lay("skin", head.skin(0.80), cover(neck, soft))
    shirt = ellipse(au, av - 3.15, 2.0, 1.5)
    opening = ellipse(au, av - 1.58, 0.58, 0.40)
    np.maximum(shirt, -opening, out=shirt)
    cloth = hue_colour(latents["clothes_hue"], 0.5)
    tone = mix(0.25, 0.75, latents["clothes_tone"])
    bust = ellipse(au, av - 3.15, 2.0, 1.5)
    painting.lay("skin", head.skin(0.88), cover(bust, soft))
    painting.lay("clothes", [tone * channel for channel in cloth], cover(shirt, soft))

    scalp = ellipse(u, v + 0.20, 1.04, 1.18)
    painting.lay("skin", head.skin(), cover(scalp, soft))
    ears = ellipse(side - 0.99, v - 0.08, 0.15, 0.26)
    painting.lay("skin", head.skin(0.86), cover(ears, soft))
    face = face_outline(head)
    rim = cover(-face - 0.16, 0.30)  # cheeks turn away from the light
    painting.lay("skin", head.skin(1.0 - 0.14 * rim), cover(face, soft))


def draw_fringe(painting: Painting, head: Head) -> None:
    """Lay the hair over the forehead, as far down as the hairline is."""
    u, v, soft, e = head.u, head.v, head.soft, head.evidence["hairline"]
    skull = ellipse(u, v + 0.22, 1.10, mix(1.22, 1.20, e))
    # Hair ends along a parabola: low on the forehead of the young, and far up, with bare
    # temples, on that of the old.
    line = u * u
    line *= mix(0.62, 1.35, e)
    line -= mix(0.66, 1.36, e)
    line += 0.05 * np.sign(head.latents["turn"]) * u  # parted to one side
    line -= v
    top = cover(-line, 1.6 * soft)
    burns = cover(v - 0.12, 0.2)  # sideburns end at the ears
    weight = cover(skull, soft)
    weight *= top
    weight *= burns
    strands = head.texture * 0.045
    strands += 1.0
    gloss = cover(np.abs(ellipse(u + 0.2, v + 0.25, 0.75, 0.85)) - 0.06, 0.25)
    gloss *= 0.22
    strands += gloss
    painting.lay("hair", head.hair(strands), weight)
