"""Old and young faces, drawn: a structural causal model with an exact `do`.

Age shows in wrinkles, in the shape of the face, in the hairline and in the eyes. Hair has two
latents of its own, how light it is and how grey; both may go with age, as they do in photographs
of people, without being a part of it.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zollstock.worlds.base import Latents, World, columns_of
from zollstock.worlds.faces import DRAWN, EVIDENCE, FACTS
from zollstock.worlds.faces.features import draw_features
from zollstock.worlds.faces.head import Head, draw_fringe, draw_head, place
from zollstock.worlds.facts import PLAIN
from zollstock.worlds.noise import develop, normal, smooth_fields, uniform, uniform_in
from zollstock.worlds.parts import Painting
from zollstock.worlds.shapes import Columns, Plane, coordinates, hue_colour, mix

SPREAD = 0.8
"""Standard deviation of the age around its class, in units of the shape noise."""
GREY, GREY_OLD, GREY_YOUNG = 0.3, 0.6, 0.02
"""Shares of faces with grey hair: of all where it tells nothing, of old and young where it does."""
FAIR = 0.25
"""Where hair goes with age, that of the young is lighter by as much as this, unless it is fair."""
WITH_GLASSES = 0.25


class Faces(World):
    """Old (label 0) and young (label 1) faces; see `zollstock.worlds.base.World`."""

    name = "faces"
    facts = FACTS

    def draw(
        self,
        labels: NDArray[np.integer],
        seeds: NDArray[np.uint64],
        distribution: str,
        bias: float,
        shape_noise: float,
    ) -> Latents:
        """Draw the latents: age, its four signs, hair, and what tells nothing of the class.

        In `grey_with_age` the old are often grey and the young hardly ever, whose hair is a little
        lighter; `bias` is the share of faces that follow this.
        """
        latents: Latents = {}
        noise = SPREAD * shape_noise * normal(seeds, "age")
        latents["age"] = np.clip(1 - labels + noise, -0.1, 1.1)
        for sign in EVIDENCE:
            latents[f"{sign}_jitter"] = 0.7 * shape_noise * normal(seeds, f"{sign}_jitter")
        latents |= uniform_in(seeds, DRAWN)
        chance = np.full(labels.shape, GREY)
        if distribution != PLAIN:
            follows = uniform(seeds, "bias") < bias
            chance = np.where(follows, np.where(labels == 0, GREY_OLD, GREY_YOUNG), chance)
            plain = latents["hair_lightness"]
            lighter = plain + FAIR * plain * (1.0 - plain) * np.where(labels == 0, -4.0, 4.0)
            latents["hair_lightness"] = np.where(follows, np.clip(lighter, 0.0, 1.0), plain)
        grey = 0.55 + 0.45 * uniform(seeds, "hair_greyness")
        latents["hair_greyness"] = np.where(uniform(seeds, "grey") < chance, grey, 0.0)
        latents["glasses"] = (uniform(seeds, "glasses") < WITH_GLASSES).astype(np.float64)
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

        Brows are of the hair, nose, ears and wrinkles of the skin.
        """
        columns = columns_of(latents, {"tilt": latents["tilt"]})
        evidence: Columns = {
            sign: np.clip(columns["age"] + columns[f"{sign}_jitter"], -0.1, 1.1)
            for sign in EVIDENCE
        }
        x, y, pixel = coordinates(len(frames), size)
        grain, other_grain, texture = smooth_fields(latents["noise_seed"], size)
        told = masks or shares is not None
        painting = Painting(FACTS.parts, _wall(x, y, columns), told)
        head: Head = place(x, y, columns, evidence, texture, pixel)
        draw_head(painting, head)
        draw_features(painting, head)
        draw_fringe(painting, head)
        develop(painting.canvas, (grain, other_grain), columns, frames)
        return painting.regions(masks, shares)


WORLD = Faces()


def _wall(x: Plane, y: Plane, latents: Columns) -> list[Plane]:
    """Return the planes of a wall behind the head, lit from one side."""
    fall_off = x * (0.14 * latents["light_x"])
    fall_off += y * -0.06
    fall_off += 0.95
    fall_off *= mix(0.15, 0.92, latents["background_brightness"])
    return [fall_off * channel for channel in hue_colour(latents["background_hue"], 0.20)]
