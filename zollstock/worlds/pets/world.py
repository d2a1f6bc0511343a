"""Cats and dogs, drawn: a structural causal model with an exact `do`.

A picture is a function of its latents and of nothing else. `do(fur_lightness=0.9)` draws the
same animal in the same room under the same pixel noise, in lighter fur.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zollstock.worlds.base import Latents, World, columns_of
from zollstock.worlds.noise import develop, normal, smooth_fields, uniform, uniform_in
from zollstock.worlds.parts import Visible
from zollstock.worlds.pets import DRAWN, FACTS, PARTS
from zollstock.worlds.pets.animal import FURRY, Fur, draw_fur, fur_colour, place
from zollstock.worlds.pets.face import face_layers
from zollstock.worlds.pets.scenery import draw_background, draw_occluder
from zollstock.worlds.shapes import Columns, Plane, coordinates, paint

DARK_FUR, LIGHT_FUR = (0.0, 0.4), (0.6, 1.0)
STRIPED, OCCLUDED = 0.3, 0.2
"""Shares of images with stripes and with something in front."""


class Pets(World):
    """Cats (label 0) and dogs (label 1); see `zollstock.worlds.base.World`."""

    name = "pets"
    facts = FACTS

    def draw(
        self,
        labels: NDArray[np.integer],
        seeds: NDArray[np.uint64],
        distribution: str,
        bias: float,
        shape_noise: float,
    ) -> Latents:
        """Draw the latents: of each part its evidence, and what tells nothing of the class.

        `bias` is the share of images whose fur lightness follows the class in `dark_cats` (with
        light dogs) and `dark_dogs` (with light cats). `shape_noise` is the standard deviation of
        each part's class evidence around the animal's, and of the animal's around its class (0.7
        of it).
        """
        latents: Latents = {}
        noise = 0.7 * shape_noise * normal(seeds, "dogness")
        latents["dogness"] = np.clip(labels + noise, 0.0, 1.0)
        for part in PARTS:
            latents[f"{part}_jitter"] = shape_noise * normal(seeds, f"{part}_jitter")
        latents |= uniform_in(seeds, DRAWN)
        if distribution != "unbiased":
            dark = (labels == 0) == (distribution == "dark_cats")
            least = np.where(dark, DARK_FUR[0], LIGHT_FUR[0])
            most = np.where(dark, DARK_FUR[1], LIGHT_FUR[1])
            follows = uniform(seeds, "bias") < bias
            plain = latents["fur_lightness"]
            latents["fur_lightness"] = np.where(follows, least + (most - least) * plain, plain)
        draw = uniform(seeds, "stripes")
        latents["stripes"] = np.where(draw < STRIPED, 0.4 + 2.0 * draw, 0.0)
        latents["occluder"] = (uniform(seeds, "occluder") < OCCLUDED).astype(np.float64)
        latents["tail_side"] = np.where(uniform(seeds, "tail_side") < 0.5, -1.0, 1.0)
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

        Of parts, the outline is painted around all fur at once; the legs are of the body, mouth
        and tongue of the muzzle.
        """
        columns = columns_of(latents, {"tilt": latents["tilt"]})
        count = len(frames)
        evidence: Columns = {
            part: np.clip(columns["dogness"] + columns[f"{part}_jitter"], -0.1, 1.1)
            for part in PARTS
        }
        x, y, pixel = coordinates(count, size)
        grain, other_grain, texture = smooth_fields(latents["noise_seed"], size)

        canvas = draw_background(x, y, columns, pixel)
        pose = place(x, y, columns, pixel)
        fur = draw_fur(pose, evidence, columns, texture, parts=shares is not None)
        paint(canvas, (0.07, 0.05, 0.05), fur.outline * 0.75)
        paint(canvas, fur_colour(fur, columns), fur.weight)
        layers = None if fur.parts is None else _animal(fur, fur.parts)
        covered = np.zeros_like(x) if masks else None
        for name, colour, weight in face_layers(pose, evidence, columns):
            paint(canvas, colour, weight)
            if covered is not None:
                np.maximum(covered, weight, out=covered)
            if layers is not None:
                layers.lay(name, weight)
        occluder = draw_occluder(canvas, x, y, columns, pixel)
        if layers is not None and shares is not None:
            layers.lay("occluder", occluder)
            np.maximum(layers.shares, 0.0, out=shares)  # rounding may have left −1e-7

        develop(canvas, (grain, other_grain), columns, frames)
        if covered is None:
            return {}
        seen = 1.0 - occluder
        visible = fur.weight * (1.0 - covered) * seen
        behind = (1.0 - np.maximum(fur.weight, 0.75 * fur.outline)) * (1.0 - covered) * seen
        return {"fur": visible, "background": behind, "features": covered * seen}


WORLD = Pets()


def _animal(fur: Fur, parts: Visible) -> Visible:
    """Return what is seen of the room and of a fur whose parts have these shares."""
    seen = Visible(FACTS.parts, fur.weight)
    seen.lay("outline", fur.outline * 0.75)
    seen.lay_all({name: fur.weight * parts.shares[:, k] for k, name in enumerate(FURRY)})
    return seen
