"""Decoy digits: scikit-learn's, with a patch whose grey tells the class while training.

As DecoyMNIST (Ross et al. 2017), without a download. There are only so many digits: a picture shows
the one that its latent `digit` numbers, and no digit is both trained on and tested with.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zollstock.images.layouts.arrays import arrays_of
from zollstock.images.layouts.base import Asked
from zollstock.worlds.base import Latents, World
from zollstock.worlds.decoy_digits import DRAWN, FACTS, LEVELS, TRAINING
from zollstock.worlds.facts import PLAIN
from zollstock.worlds.noise import develop, noise_shares, smooth_fields, uniform, uniform_in
from zollstock.worlds.parts import Painting
from zollstock.worlds.shapes import Plane, as_columns

SIDE, PATCH = 8, 2
"""Of a digit and of the patch in its lower right corner, in squares of the picture."""
STEP = 25 / 255
"""By how much each level is darker."""


class DecoyDigits(World):
    """Digits and a patch; see `zollstock.worlds.base.World`."""

    name = "decoy_digits"
    facts = FACTS

    def draw(
        self,
        labels: NDArray[np.integer],
        seeds: NDArray[np.uint64],
        distribution: str,
        bias: float,
        shape_noise: float,
    ) -> Latents:
        """Draw which digit of the class is seen, and the patch's level.

        In `unbiased` the level tells nothing. In `decoy` it is the class in the share `bias` of the
        images; these alone show digits to train on. `decoy_of_others` is the same of other digits.
        `shape_noise` does nothing: the digits are as they were written.
        """
        latents: Latents = uniform_in(seeds, DRAWN)
        own = _places(distribution == TRAINING)
        drawn = uniform(seeds, "digit")
        latents["digit"] = np.array(
            [
                own[label][int(at * len(own[label]))]
                for label, at in zip(labels, drawn, strict=True)
            ],
            dtype=np.float64,
        )
        level = np.floor(uniform(seeds, "decoy") * LEVELS)
        if distribution != PLAIN:
            level = np.where(uniform(seeds, "bias") < bias, labels, level)
        latents["decoy"] = level.astype(np.float64)
        return latents

    def paint(
        self,
        latents: Latents,
        size: int,
        frames: NDArray[np.uint8],
        masks: bool,
        shares: NDArray[np.float32] | None,
    ) -> Mapping[str, Plane]:
        """Paint a chunk: white strokes on black, and the patch over them; see `World.paint`."""
        columns = as_columns(latents | noise_shares(latents))
        grain, other_grain, _ = smooth_fields(latents["noise_seed"], size)
        at = np.arange(size) * SIDE // size
        strokes = all_digits()[0][latents["digit"].astype(np.intp)][:, at[:, None], at]
        corner = (at >= SIDE - PATCH).astype(np.float32)
        patch = np.broadcast_to(corner[:, None] * corner, strokes.shape)
        canvas = [np.zeros_like(strokes) for _ in range(3)]
        painting = Painting(FACTS.parts, canvas, masks or shares is not None)
        painting.lay("digit", (columns["contrast"],) * 3, strokes)
        painting.lay("patch", (1 - np.float32(STEP) * columns["decoy"],) * 3, patch)
        develop(painting.canvas, (grain, other_grain), columns, frames)
        return painting.regions(masks, shares)


WORLD = DecoyDigits()


@cache
def all_digits() -> tuple[NDArray[np.float32], NDArray[np.intp], int]:
    """Return all digits in [0, 1], (N, 8, 8), their labels, and how many are to train on."""
    train, test = (arrays_of("digits", Asked(Path(), split)) for split in ("train", "test"))
    pictures = np.concatenate([train.pictures, test.pictures]).astype(np.float32)
    labels = np.concatenate([train.labels, test.labels]).astype(np.intp)
    return pictures / np.float32(255), labels, len(train.labels)


@cache
def _places(training: bool) -> list[NDArray[np.intp]]:
    """Return the numbers of each class's digits, those to train on or those to test with."""
    _, labels, count = all_digits()
    mine = (np.arange(len(labels)) < count) == training
    return [np.flatnonzero(mine & (labels == label)) for label in range(len(FACTS.classes))]
