"""Eyes, nose, mouth, whiskers and inner ears.

Colours are fixed and two-toned, dark beside light, so that a face reads on black and on
white fur alike and does not change when the fur does.
"""

from collections.abc import Iterator

import numpy as np

from zollstock.worlds.pets.animal import Pose
from zollstock.worlds.shapes import Columns, Plane, Scalar, capsule, cover, ellipse, mix

DARK = (0.09, 0.07, 0.08)
LIGHT = (0.97, 0.96, 0.93)
PINK = (0.86, 0.50, 0.50)
RED = (0.88, 0.38, 0.42)

Layer = tuple[str, tuple[Scalar, Scalar, Scalar], Plane]


def face_layers(pose: Pose, evidence: Columns, latents: Columns) -> Iterator[Layer]:
    """Yield (part, colour, weight) of every feature from back to front.

    Parameters
    ----------
    pose
        Coordinates.
    evidence
        Class evidence per part, each (N, 1, 1).
    latents
        The latents, each (N, 1, 1).
    """
    soft = 1.4 * pose.pixel
    hv = pose.hv
    u = pose.hu - 0.12 * latents["turn"]  # looking aside moves the face over the head
    side = np.abs(u)

    e = evidence["ears"]
    hside = np.abs(pose.hu)
    root = (mix(0.66, 0.84, e), mix(-0.62, -0.40, e))
    end = (root[0] + 0.17 + 0.5 * e, root[1] + mix(-0.52, 0.5, e))
    ear = cover(capsule(hside, hv, root, end, 0.15, 0.02), 1.5 * soft)
    ear *= np.clip(0.9 - 1.6 * e, 0.0, 1.0)
    yield "ears", PINK, ear

    e = evidence["muzzle"]
    centre, height = mix(0.38, 0.52, e), mix(0.28, 0.60, e)
    mouth_v = centre + mix(0.16, 0.24, e)
    out = np.clip((e - 0.45) * 2.0, 0.0, 1.0)
    tongue = cover(
        ellipse(u, hv - (mouth_v + 0.26 * out), 0.05 + 0.16 * out, 0.06 + 0.24 * out), soft
    )
    tongue *= np.clip(3.0 * out, 0.0, 1.0)
    yield "muzzle", RED, tongue
    lip = mix(0.15, 0.21, e)
    ring = ellipse(side - lip, hv - (mouth_v - 0.10), lip, mix(0.11, 0.15, e))
    smile = cover(np.abs(ring) - 0.035, soft)
    smile *= cover(mouth_v - 0.08 - hv, 0.10)
    line = cover(np.maximum(side - 0.035, np.abs(hv - (mouth_v - 0.12)) - 0.13), soft)
    np.maximum(smile, line, out=smile)
    smile *= 0.85
    yield "muzzle", (0.16, 0.10, 0.10), smile

    e = evidence["nose"]
    nose_v = hv - (centre - 0.38 * height)
    rx, ry = mix(0.13, 0.26, e), mix(0.10, 0.18, e)
    taper = nose_v * (0.7 * (1.0 - e) / ry)
    taper += 1.0
    np.clip(taper, 0.5, 2.5, out=taper)  # a cat's nose narrows downwards
    nose = ellipse(side * taper, nose_v, rx, ry)
    yield "nose", _between((0.30, 0.16, 0.17), (0.52, 0.46, 0.43), e), cover(nose - 0.05, soft)
    yield "nose", _between(PINK, DARK, e), cover(nose, soft)
    shine = cover(ellipse(u + 0.3 * rx, nose_v + 0.4 * ry, 0.35 * rx, 0.25 * ry), soft)
    shine *= 0.75 * np.clip(e, 0.0, 1.0)
    yield "nose", LIGHT, shine

    e = evidence["eyes"]
    eu = side - mix(0.47, 0.40, e)
    ev = hv + mix(0.08, 0.20, e)
    slant = eu * (0.35 * (1.0 - e))
    ev += slant
    eye = ellipse(eu, ev, mix(0.25, 0.175, e), mix(0.185, 0.175, e))
    yield "eyes", DARK, cover(eye - 0.055, soft)
    hue = latents["eye_hue"]
    iris = tuple(
        mix(mix(green, gold, hue), mix(amber, brown, hue), e)
        for green, gold, amber, brown in (
            (0.55, 0.93, 0.70, 0.52),
            (0.86, 0.80, 0.46, 0.30),
            (0.38, 0.22, 0.18, 0.13),
        )
    )
    yield "eyes", (iris[0], iris[1], iris[2]), cover(eye, soft)
    yield "eyes", DARK, cover(ellipse(eu, ev, mix(0.055, 0.115, e), mix(0.175, 0.12, e)), soft)
    # Both eyes mirror the light on the same side, so the glint is not mirrored with them.
    glint_u = np.abs(u + 0.05) - mix(0.47, 0.40, e)
    yield "eyes", LIGHT, cover(ellipse(glint_u, ev + 0.07, 0.06, 0.06), soft)

    e = evidence["whiskers"]
    reach = side - 0.30
    span = cover(np.abs(reach - 0.52) - 0.5, 0.15)
    span *= np.clip(1.1 - 1.5 * e, 0.0, 1.0)
    fan = hv - (centre + 0.02)
    slope = reach * 0.20
    whisker = np.abs(fan)
    np.minimum(whisker, np.abs(fan - slope), out=whisker)
    np.minimum(whisker, np.abs(fan + slope), out=whisker)
    fan -= 0.06
    shadow = np.abs(fan)
    np.minimum(shadow, np.abs(fan - slope), out=shadow)
    np.minimum(shadow, np.abs(fan + slope), out=shadow)
    thin = 0.4 * pose.pixel
    yield "whiskers", (0.15, 0.13, 0.13), cover(shadow - thin, 0.9 * pose.pixel) * (0.55 * span)
    yield "whiskers", LIGHT, cover(whisker - thin, 0.9 * pose.pixel) * (0.8 * span)


def _between(
    low: tuple[float, ...], high: tuple[float, ...], share: Plane
) -> tuple[Plane, Plane, Plane]:
    """Return the colour at `share` of the way from `low` to `high`, channels (N, 1, 1)."""
    channels = [mix(a, b, np.clip(share, 0.0, 1.0)) for a, b in zip(low, high, strict=True)]
    return channels[0], channels[1], channels[2]
