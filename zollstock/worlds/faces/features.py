"""Eyes, brows, nose, mouth, wrinkles and glasses."""

import numpy as np

from zollstock.worlds.faces.head import Head
from zollstock.worlds.parts import Painting
from zollstock.worlds.shapes import Plane, capsule, cover, ellipse, mix

DARK = (0.08, 0.06, 0.06)
WHITE = (0.96, 0.95, 0.93)
LIPS = ((0.80, 0.50), (0.36, 0.20), (0.36, 0.20))
"""Red, green and blue on light and on dark skin."""
APART = 0.40
"""From the middle of the face to an eye."""


def draw_features(painting: Painting, head: Head) -> None:
    """Lay everything over the skin of the face."""
    u = head.u - 0.10 * head.latents["turn"]  # looking aside moves the features
    side = np.abs(u)
    _wrinkles(painting, head, u, side)
    _nose(painting, head, u, side)
    _mouth(painting, head, u)
    _eyes(painting, head, u, side)
    _glasses(painting, head, side)


def _wrinkles(painting: Painting, head: Head, u: Plane, side: Plane) -> None:
    """Lay lines over forehead, cheeks, the corners of the eyes and below them."""
    v, e = head.v, head.evidence["wrinkles"]
    thin, soft = 0.012, 1.3 * head.pixel
    bow = u * u
    bow *= 0.10
    lines = np.abs(v + 0.46 + bow)
    for height in (0.60, 0.74):
        np.minimum(lines, np.abs(v + height + bow), out=lines)
    lines -= thin
    brow = cover(lines, soft)
    brow *= cover(side - 0.50, 0.15)
    weight = brow
    folds = (
        ((0.20, 0.42), (0.43, 0.82)),  # from the nose to the mouth
        ((0.36, 0.92), (0.38, 1.05)),
        ((0.64, 0.00), (0.80, -0.08)),  # crow's feet
        ((0.64, 0.04), (0.82, 0.06)),
        ((0.62, 0.09), (0.78, 0.18)),
        ((0.24, 0.24), (0.40, 0.29)),  # below the eyes
        ((0.40, 0.29), (0.56, 0.23)),
    )
    for start, end in folds:
        fold = capsule(side, v, start, end, thin, thin)
        np.maximum(weight, cover(fold, soft), out=weight)
    weight *= np.clip(1.25 * e - 0.12, 0.0, 1.0) * 0.62
    painting.lay("skin", head.skin(0.48), weight)


def _nose(painting: Painting, head: Head, u: Plane, side: Plane) -> None:
    v, soft, e = head.v, head.soft, head.evidence["face_shape"]
    width = mix(0.13, 0.19, e)
    bridge = capsule(u + 0.02, v, (0.0, 0.05), (0.0, 0.38), 0.05, 0.09)
    painting.lay("skin", head.skin(0.93), cover(bridge, 0.12))
    tip = ellipse(u, v - 0.42, width, 0.10)
    painting.lay("skin", head.skin(0.86), cover(tip, soft))
    lit = ellipse(u, v - 0.39, 0.7 * width, 0.07)
    painting.lay("skin", head.skin(1.03), cover(lit, 0.08))
    holes = ellipse(side - 0.55 * width, v - 0.46, 0.035, 0.022)
    painting.lay("skin", head.skin(0.45), cover(holes, soft))


def _mouth(painting: Painting, head: Head, u: Plane) -> None:
    soft, e, smile = head.soft, head.evidence["face_shape"], head.latents["smile"]
    bent = u * u
    bent *= 1.5 * smile
    bent += head.v
    bent -= 0.76 + 0.04 * smile
    lips = ellipse(u, bent, 0.31, mix(0.095, 0.058, e))
    red = [mix(a, b, head.latents["skin_tone"]) for a, b in LIPS]
    painting.lay("mouth", red, cover(lips, soft))
    gap = np.abs(bent)
    gap -= 0.010
    between = cover(gap, soft)
    between *= cover(np.abs(u) - 0.28, 0.05)
    painting.lay("mouth", (0.25, 0.10, 0.10), between)


def _eyes(painting: Painting, head: Head, u: Plane, side: Plane) -> None:
    soft, e = head.soft, np.clip(head.evidence["eyes"], 0.0, 1.0)
    eu, ev = side - APART, head.v - 0.05
    droop = eu * (0.28 * e)  # lids of the old hang outwards
    ev = ev - droop
    tall = mix(0.155, 0.075, e)
    eye = ellipse(eu, ev, mix(0.205, 0.165, e), tall)
    lid = ellipse(eu, ev + 0.035, mix(0.225, 0.20, e), tall + mix(0.02, 0.055, e))
    painting.lay("skin", head.skin(0.72), cover(lid, soft))
    painting.lay("eyes", DARK, cover(eye - 0.022, soft))
    painting.lay("eyes", WHITE, cover(eye, soft))
    hue = head.latents["eye_hue"]
    iris = [mix(blue, brown, hue) for blue, brown in ((0.35, 0.34), (0.56, 0.21), (0.74, 0.11))]
    inside = cover(eye, soft)
    gaze = np.abs(u - 0.03 * head.latents["turn"]) - APART
    round_ = ellipse(gaze, ev, 0.105, 0.105)
    painting.lay("eyes", iris, cover(round_, soft) * inside)
    painting.lay("eyes", DARK, cover(ellipse(gaze, ev, 0.05, 0.05), soft) * inside)
    glint = ellipse(np.abs(u + 0.035) - APART, ev + 0.035, 0.025, 0.025)
    painting.lay("eyes", WHITE, cover(glint, soft) * inside)

    bow = eu * eu
    bow *= -0.9
    brow = np.abs(head.v + mix(0.235, 0.185, e) + bow)
    brow -= 0.040
    weight = cover(brow, soft)
    weight *= cover(np.abs(eu) - 0.21, 0.06)
    painting.lay("hair", head.hair(0.80), weight)


def _glasses(painting: Painting, head: Head, side: Plane) -> None:
    v, soft = head.v, head.soft
    rim = np.abs(ellipse(side - APART, v - 0.06, 0.28, 0.24))
    rim -= 0.026
    frame = cover(rim, soft)
    bridge = np.abs(v - 0.0)
    bridge -= 0.022
    between = cover(bridge, soft)
    between *= cover(side - 0.13, soft)
    np.maximum(frame, between, out=frame)
    temples = np.abs(v - 0.0)
    temples -= 0.022
    arm = cover(temples, soft)
    arm *= cover(0.67 - side, soft)
    arm *= cover(side - 0.95, soft)
    np.maximum(frame, arm, out=frame)
    frame *= head.latents["glasses"]
    painting.lay("glasses", (0.10, 0.09, 0.10), frame)
