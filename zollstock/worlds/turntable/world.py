"""Elephant, giraffe and stegosaurus on a turntable: a structural causal model with an exact `do`.

The figures are of one plastic in any colour, so that their shape alone tells what they are: from
the side at once, from the front or from behind hardly.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zollstock.worlds.base import Latents, World, columns_of
from zollstock.worlds.facts import PLAIN
from zollstock.worlds.noise import develop, normal, smooth_fields, uniform, uniform_in
from zollstock.worlds.shapes import (
    Columns,
    Plane,
    coordinates,
    cover,
    ellipse,
    hue_colour,
    mix,
    paint,
)
from zollstock.worlds.turntable import DRAWN, FACTS
from zollstock.worlds.turntable.bodies import figure, turn_x, turn_y, turn_z
from zollstock.worlds.turntable.solids import FAR, View, draw_solid

STRETCHED = ("long", "tall", "wide")
"""What differs between figures of one kind: each is stretched along its three axes."""
SIDE = 25.0
"""Degrees that figures are turned at most where all are seen from the side."""
HUES = (0.62, 0.12, 0.36)
"""Of each class where colour tells it: blue-grey, yellow, green."""
FINER = 2
"""Points per pixel along each axis; their mean is the pixel."""


class Turntable(World):
    """Elephants, giraffes and stegosaurs; see `zollstock.worlds.base.World`."""

    name = "turntable"
    facts = FACTS

    def draw(
        self,
        labels: NDArray[np.integer],
        seeds: NDArray[np.uint64],
        distribution: str,
        bias: float,
        shape_noise: float,
    ) -> Latents:
        """Draw the latents: the kind, its proportions, how it stands and what colour it has.

        In `side_on` all figures are seen from one of their sides, in `coloured` each kind has a
        colour of its own; `bias` is the share of images that follow this.
        """
        latents: Latents = {"kind": labels.astype(np.float64)}
        for name in STRETCHED:
            noise = 0.3 * shape_noise * normal(seeds, name)
            latents[name] = np.clip(1.0 + noise, 0.6, 1.4)
        latents |= uniform_in(seeds, DRAWN)
        if distribution == PLAIN:
            return latents
        follows = uniform(seeds, "bias") < bias
        if distribution == "side_on":
            turned = latents["yaw"] / 180.0 * SIDE
            behind = uniform(seeds, "looks_left") < 0.5
            side = np.where(behind, np.where(turned > 0, turned - 180.0, turned + 180.0), turned)
            latents["yaw"] = np.where(follows, side, latents["yaw"])
        if distribution == "coloured":
            own = np.asarray(HUES)[labels] + 0.08 * (latents["hue"] - 0.5)
            latents["hue"] = np.where(follows, own, latents["hue"])
        return latents

    def paint(
        self,
        latents: Latents,
        size: int,
        frames: NDArray[np.uint8],
        masks: bool,
        shares: NDArray[np.float32] | None,
    ) -> Mapping[str, Plane]:
        """Paint a chunk; see `World.paint`.

        Trunks are of the head; ornament is what a kind has alone: ears and tusks, horns, plates
        and spikes.
        """
        feet = np.array([figure(round(kind)).ground for kind in latents["kind"]])
        ground = {"ground": 0.74 * latents["size"] * latents["tall"] * feet}
        columns = columns_of(latents | ground)
        count = len(frames)
        x, y, pixel = coordinates(count, size)
        grain, other_grain, _ = smooth_fields(latents["noise_seed"], size)
        canvas = _backdrop(x, y, columns, pixel)
        figures = np.empty((count, size, size), np.float32)
        for row in range(count):
            one = {name: float(column[row]) for name, column in latents.items()}
            view = _figure(one, size, len(FACTS.parts) if shares is not None else 0)
            seen = _coarser((view.depth > FAR / 2).astype(np.float32))
            figures[row] = seen
            lit = _lit(
                view, {name: float(columns[name][row, 0, 0]) for name in ("light_x", "light_y")}
            )
            for channel, plane in enumerate(canvas):
                plane[row] *= 1.0 - seen
                plane[row] += _coarser(lit[channel])
            if shares is not None and view.shares is not None:
                for part, share in enumerate(view.shares):
                    shares[row, part] = _coarser(share)
        develop(canvas, (grain, other_grain), columns, frames)
        return {"background": 1.0 - figures, "figure": figures} if masks else {}


WORLD = Turntable()


def _backdrop(x: Plane, y: Plane, latents: Columns, pixel: float) -> list[Plane]:
    """Return the planes of a backdrop, lit from one side, with the shadow of a figure."""
    fall_off = y * -0.10
    fall_off += x * (0.08 * latents["light_x"])
    fall_off += 0.92
    fall_off *= mix(0.12, 0.95, latents["background_brightness"])
    canvas: list[Plane] = [
        fall_off * channel for channel in hue_colour(latents["background_hue"], 0.16)
    ]
    across = x - latents["position_x"] + 0.12 * latents["light_x"]
    below = y - latents["position_y"] - latents["ground"]
    shadow = cover(ellipse(across, below, 0.62, 0.13), 0.25 + pixel)
    shadow *= 0.45
    paint(canvas, (0.0, 0.0, 0.0), shadow)
    return canvas


def _figure(latents: Mapping[str, float], size: int, parts: int) -> View:
    """Draw one figure, without light, at `FINER` times the size."""
    solids = figure(round(latents["kind"]))
    turned = turn_x(latents["elevation"]) @ turn_y(latents["yaw"])
    turned = turned @ turn_z(latents["pitch"]) @ turn_x(latents["roll"])
    scale = 0.78 * latents["size"]
    posed = turned @ np.diag([latents[name] * scale for name in STRETCHED])
    offset = np.array([latents["position_x"], -latents["position_y"], 0.0])
    fine = size * FINER
    across = ((np.arange(fine, dtype=np.float32) + 0.5) * np.float32(2.0 / fine) - 1.0).astype("f4")
    view = View.empty(fine, parts)
    hue, own = np.array([latents["hue"]]), np.empty(3)
    tone = 0.12 + 0.62 * latents["lightness"]
    for channel, factor in enumerate(hue_colour(hue, 0.85 * latents["saturation"])):
        own[channel] = tone * float(factor[0])
    for k, (centre, spread) in enumerate(zip(solids.centres, solids.spreads, strict=True)):
        colour = np.where(np.isnan(solids.colours[k]), own * solids.shades[k], solids.colours[k])
        place, form = posed @ centre + offset, posed @ spread @ posed.T
        draw_solid(view, (across, -across), place, form, colour, int(solids.parts[k]))
    return view


def _lit(view: View, latents: Mapping[str, float]) -> NDArray[np.float32]:
    """Return the colour of each point under the light, (3, H, W); zero beside the figure."""
    towards = np.array([0.65 * latents["light_x"], 0.25 - 0.45 * latents["light_y"], 0.62])
    towards /= np.sqrt((towards * towards).sum())
    x, y, z = towards.astype(np.float32)
    shade = view.normal[0] * x
    shade += view.normal[1] * y
    shade += view.normal[2] * z
    np.maximum(shade, 0.0, out=shade)
    gloss = shade * shade
    gloss *= gloss
    gloss *= gloss
    gloss *= np.float32(0.10)
    shade *= np.float32(0.85)
    shade += np.float32(0.35)
    lit = view.colour * shade
    lit += gloss
    return lit


def _coarser(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of each `FINER` × `FINER` points, (H, W)."""
    rows = plane[0::2] + plane[1::2]
    total = rows[:, 0::2] + rows[:, 1::2]
    total *= np.float32(0.25)
    return total
