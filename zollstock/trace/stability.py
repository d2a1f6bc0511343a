"""Whether a graph is found again: over resampled images, and over soft interventions.

The two are told apart. The original's curve lets both vary at once, so that its value at β = 0 is
the images' alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from zollstock.arrays import Array
from zollstock.seeds import rng_for

Members = Callable[[np.ndarray], np.ndarray]
"""From rows of images to which units are selected, bool (units,)."""


@dataclass(frozen=True)
class Stability:
    """How selections agree.

    Attributes
    ----------
    appearance
        How often each unit was selected, (units,), 0 to 1.
    jaccard
        Mean over pairs of repeats of |A ∩ B| / |A ∪ B|; two empty selections agree. NaN for one.
    sizes
        Units of each repeat.
    """

    appearance: Array
    jaccard: float
    sizes: tuple[int, ...]

    @property
    def mean_appearance(self) -> float:
        """Mean appearance of the units that were selected at least once: the original's figure.

        NaN if none was.
        """
        once = self.appearance > 0
        return float(self.appearance[once].mean()) if once.any() else float("nan")


def agreement_of(selections: Sequence[np.ndarray]) -> Stability:
    """Return how selections, bool (units,) each, agree."""
    stack = np.stack([np.asarray(one, bool) for one in selections])
    pairs = []
    for one, other in combinations(stack, 2):
        union = int((one | other).sum())
        pairs.append(int((one & other).sum()) / union if union else 1.0)
    jaccard = float(np.mean(pairs)) if pairs else float("nan")
    return Stability(stack.mean(0), jaccard, tuple(int(one.sum()) for one in stack))


def over_images(
    select: Members,
    images: Sequence[str],
    *seed: object,
    repeats: int = 10,
    share: float | None = None,
) -> Stability:
    """Return the stability of a selection under resampled images.

    Parameters
    ----------
    select
        What is selected for some rows of the images.
    images
        Their names, N.
    *seed
        Names the draws.
    repeats
        How many.
    share
        Of the images, drawn without replacement; None draws N with replacement, a bootstrap.
    """
    order = sorted(range(len(images)), key=lambda row: images[row])
    found = []
    for repeat in range(repeats):
        rng = rng_for("stability", *seed, repeat)
        count = len(images)
        drawn = (
            rng.integers(count, size=count)
            if share is None
            else rng.permutation(count)[: max(2, round(share * count))]
        )
        found.append(select(np.array(order)[np.sort(drawn)]))
    return agreement_of(found)


def over_noise(
    select: Callable[[float, int], np.ndarray], betas: Sequence[float], repeats: int = 10
) -> dict[float, Stability]:
    """Return the stability under soft interventions of growing strength, the images the same.

    Parameters
    ----------
    select
        From β and the number of the repeat, which names its seed, to which units are selected.
    betas
        Strengths.
    repeats
        Of each.
    """
    return {
        beta: agreement_of([select(beta, repeat) for repeat in range(repeats)]) for beta in betas
    }
