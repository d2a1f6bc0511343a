"""Decoy digits: a patch in a corner whose grey tells the class while training, and nothing later.

As DecoyMNIST (Ross et al. 2017), of scikit-learn's digits, so that nothing is downloaded. The patch
is the property: its level can be set, and its place is known.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError
from zollstock.images.layouts.arrays import arrays_of
from zollstock.images.layouts.base import Asked
from zollstock.seeds import rng_for

LEVELS = 10
"""Of the patch's grey, as many as classes."""
PATCH = 2
"""Its side in pixels, of 8."""
PARTS = {"train": 900, "validation": 400, "test": 497}
"""Digits of each part; every seed parts them anew."""


@dataclass(frozen=True)
class DecoyDigits:
    """Digits, and a patch in the lower right corner of each.

    Attributes
    ----------
    digits
        Without a patch, uint8, (N, 8, 8, 3).
    labels
        (N,).
    random
        A level that tells nothing, drawn for each digit.
    """

    digits: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    random: npt.NDArray[np.int64]

    def at(self, levels: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
        """Return pictures with a patch of these levels, (N,): 0 is white, each next 25 darker."""
        found = self.digits.copy()
        greys = (255 - 25 * np.asarray(levels)).astype(np.uint8)
        inside = self.masks() == 0
        return np.where(inside[..., None], greys[:, None, None, None], found)

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
        found = np.ones(self.digits.shape[:3], np.float32)
        found[:, -PATCH:, -PATCH:] = 0
        return found


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
    both = [arrays_of("digits", Asked(Path(), split)) for split in ("train", "test")]
    pictures = np.concatenate([one.pictures for one in both])
    labels = np.concatenate([one.labels for one in both]).astype(np.int64)
    order = rng_for(seed, "decoy", "parts").permutation(len(labels))
    ends = np.cumsum([0, *PARTS.values()])
    place = list(PARTS).index(part)
    chosen = order[ends[place] : ends[place + 1]]
    rng = rng_for(seed, "decoy", part)
    return DecoyDigits(
        np.repeat(pictures[chosen][..., None], 3, axis=3),
        labels[chosen],
        rng.integers(0, LEVELS, len(chosen)),
    )
