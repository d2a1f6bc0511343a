"""Cats and dogs whose fur and whose room may tell the class, alone or both at once."""

import numpy as np
from numpy.typing import NDArray

from zollstock.worlds.base import Latents
from zollstock.worlds.crossed import BIASED, FACTS, FOLLOWING
from zollstock.worlds.facts import PLAIN
from zollstock.worlds.noise import uniform
from zollstock.worlds.pets.world import Pets

REACH = 0.4
"""Of the range: how far from its end what follows the class may be."""


class Crossed(Pets):
    """Cats (label 0) and dogs (label 1); see `zollstock.worlds.pets.world.Pets`."""

    name = "crossed"
    facts = FACTS

    def draw(
        self,
        labels: NDArray[np.integer],
        seeds: NDArray[np.uint64],
        distribution: str,
        bias: float,
        shape_noise: float,
    ) -> Latents:
        """Draw the latents of `pets`, and let what the distribution names follow the class.

        `bias` is the share of images that follow it, for each confounder by itself: with .9 both
        tell the class in .81 of the images of `both`, and exactly one of them in .18.
        """
        latents = super().draw(labels, seeds, PLAIN, bias, shape_noise)
        for name in BIASED.get(distribution, ()):
            high = (labels == 0) == FOLLOWING[name]
            plain = latents[name]
            told = np.where(high, 1 - REACH + REACH * plain, REACH * plain)
            latents[name] = np.where(uniform(seeds, f"{name} follows") < bias, told, plain)
        return latents


WORLD = Crossed()
