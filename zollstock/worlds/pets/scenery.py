"""The pets' surroundings: a cluttered room behind them and, at times, a post in front."""

import numpy as np

from zollstock.worlds.pets import CLUTTER
from zollstock.worlds.shapes import Columns, Plane, box, cover, ellipse, hue_colour, mix, paint


def draw_background(x: Plane, y: Plane, latents: Columns, pixel: float) -> list[Plane]:
    """Return the red, green and blue planes of the background.

    Parameters
    ----------
    x, y
        Image coordinates from −1 to 1, y downwards, shape (N, H, W).
    latents
        The latents, each (N, 1, 1).
    pixel
        Width of a pixel in the same unit.

    Returns
    -------
    list of ndarray
        Three planes, (N, H, W), of linear values in [0, 1].
    """
    brightness = mix(0.15, 0.87, latents["background_brightness"])
    clutter = latents["background_clutter"]
    wall = hue_colour(latents["background_hue"], 0.22)
    ground = hue_colour(latents["background_hue"] + 0.35, 0.18)

    fall_off = y * -0.08
    fall_off += x * (0.06 * latents["light_x"])
    fall_off += 0.97
    canvas: list[Plane] = [fall_off * channel for channel in wall]
    floor = cover(latents["horizon"] - y, 2.0 * pixel)
    paint(canvas, tuple(0.78 * channel for channel in ground), floor)
    for k in range(CLUTTER):
        px = x - latents[f"clutter_{k}_x"]
        py = y - latents[f"clutter_{k}_y"]
        radius = latents[f"clutter_{k}_size"]
        stretch = 0.7 + 0.6 * latents[f"clutter_{k}_tone"]
        if k == 0:
            distance = box(px, py, radius * stretch, radius / stretch)
        else:
            distance = ellipse(px, py, radius * stretch, radius / stretch)
        weight = cover(distance, 3.0 * pixel)
        weight *= clutter
        tone = mix(0.55, 1.15, latents[f"clutter_{k}_tone"])
        colour = hue_colour(latents[f"clutter_{k}_hue"], 0.30)
        paint(canvas, tuple(tone * channel for channel in colour), weight)
    for plane in canvas:
        plane *= brightness
    return canvas


def draw_occluder(canvas: list[Plane], x: Plane, y: Plane, latents: Columns, pixel: float) -> Plane:
    """Paint the post in front of the pet in place and return its weight, (N, H, W)."""
    px = x - latents["occluder_x"]
    px -= y * latents["occluder_lean"]
    py = y - latents["occluder_top"] - 2.0  # runs from its top out of the picture below
    distance = box(px, py, latents["occluder_width"], 2.0)
    weight = cover(distance, 1.5 * pixel)
    weight *= latents["occluder"]
    colour = hue_colour(latents["occluder_hue"], 0.35)
    shade = px * (1.0 / latents["occluder_width"])
    np.clip(shade, -1.0, 1.0, out=shade)
    shade *= 0.10
    shade += 0.42
    rest = 1.0 - weight
    for plane, channel in zip(canvas, colour, strict=True):
        plane *= rest
        plane += shade * channel * weight
    return weight
