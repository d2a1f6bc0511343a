"""The digits of the world `decoy_digits` in three parts, and each at every level of its patch."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError
from zollstock.seeds import rng_for
from zollstock.worlds.base import Rendered
from zollstock.worlds.decoy_digits import LEVELS
from zollstock.worlds.decoy_digits.world import SIDE, WORLD, all_digits

PARTS = {"train": 900, "validation": 400, "test": 497}
"""Digits of each part; every seed parts them anew."""


@dataclass(frozen=True)
class DecoyDigits:
    """Digits, of full contrast and without noise, and a patch in the corner of each.

    Attributes
    ----------
    digits
        Which of the world's, (N,).
    labels
        (N,).
    random
        A level that tells nothing, drawn for each digit.
    """

    digits: npt.NDArray[np.intp]
    labels: npt.NDArray[np.int64]
    random: npt.NDArray[np.int64]

    def at(self, levels: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
        """Return pictures with a patch of these levels, (N,): 0 is white, each next 25 darker."""
        return self._drawn(levels).frames

    def with_decoy(self) -> npt.NDArray[np.uint8]:
        """Return pictures whose patch tells the class."""
        return self.at(self.labels)

    def without_decoy(self) -> npt.NDArray[np.uint8]:
        """Return pictures whose patch tells nothing."""
        return self.at(self.random)

    def paths(self) -> npt.NDArray[np.uint8]:
        """Return each digit at all levels, (N, LEVELS, 8, 8, 3)."""
        count = len(self.labels)
        return np.stack([self.at(np.full(count, level)) for level in range(LEVELS)], 1)

    def masks(self) -> npt.NDArray[np.float32]:
        """Return where a picture may be looked at: 1, and 0 at the patch, (N, 8, 8)."""
        return 1 - self._drawn(self.labels, masks=True).regions["patch"]

    def _drawn(self, levels: npt.NDArray[np.integer], *, masks: bool = False) -> Rendered:
        fixed = {"contrast": 1, "noise_amplitude": 0, "noise_angle": 0, "noise_seed": 0}
        latents = {name: np.full(len(self.digits), float(value)) for name, value in fixed.items()}
        latents |= {"digit": self.digits.astype(float), "decoy": np.asarray(levels, dtype=float)}
        return WORLD.render(latents, size=SIDE, masks=masks)


def decoy_digits(part: str, seed: int) -> DecoyDigits:
    """Return the digits of a part.

    Parameters
    ----------
    part
        ``train``, ``validation`` or ``test``: a key of `PARTS`.
    seed
        Of which digit is in which part, and of levels.

    Raises
    ------
    ZollstockError
        If there is no such part, or scikit-learn is missing.
    """
    if part not in PARTS:
        raise ZollstockError(
            "decoy digits", f"have no part '{part}'", f"one of {', '.join(PARTS)}", "Correct it."
        )
    _, labels, _ = all_digits()
    order = rng_for(seed, "decoy", "parts").permutation(len(labels))
    ends = np.cumsum([0, *PARTS.values()])
    place = list(PARTS).index(part)
    chosen = order[ends[place] : ends[place + 1]]
    rng = rng_for(seed, "decoy", part)
    return DecoyDigits(
        chosen, labels[chosen].astype(np.int64), rng.integers(0, LEVELS, len(chosen))
    )
