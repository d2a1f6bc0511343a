"""What is compared with placebos: how far an edit moved the prediction, and how large it was."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from zollstock.arrays import Array
from zollstock.scoring.follow import Followed
from zollstock.significance.cutting import PLACEBO_STATISTICS
from zollstock.significance.stopping import Hypothesis


def edit_sizes(verdicts: pd.DataFrame) -> dict[str, float]:
    """Return image id → size of its edit, from the ledger's verdicts.

    The size is the largest mean absolute pixel change from the first frame, the largest over
    the image's replicates; NaN where all its paths failed.
    """
    found = verdicts.groupby("image", sort=False)["size"].max()
    return {str(image): float(size) for image, size in found.items()}


def moved_by(target: Followed, statistic: str) -> dict[str, float]:
    """Return image id → how far its paths moved the followed probability.

    With replicates it is the mean over them. That has less spread than a single placebo, so
    the comparison errs on the safe side.

    Parameters
    ----------
    target
        Of one model along one property.
    statistic
        See `zollstock.significance.cutting.PLACEBO_STATISTICS`.
    """
    values = PLACEBO_STATISTICS[statistic](target.series)
    found = pd.Series(values).groupby(target.images, sort=False).mean()
    return {str(image): float(value) for image, value in found.items()}


def followed_of(target: Followed) -> dict[str, int]:
    """Return image id → index of the class that is followed, -1 where there is none."""
    paths = zip(target.images, target.draws, target.chosen, strict=True)
    return {image: int(index) for image, draw, index in paths if draw == 0}


def placebos_of_images(
    placebos: Followed | None, sizes: Mapping[tuple[str, int], Array]
) -> dict[str, tuple[Array, Array]]:
    """Return image id → the series and sizes of its placebos, both (K, S), in their order.

    Parameters
    ----------
    placebos
        What one model predicts along the placebo paths; None where there are none.
    sizes
        (image, draw) → mean absolute pixel change of each frame from the first, (S,), see
        `zollstock.store.changes_of`; NaN is returned where a path or step has none.
    """
    if placebos is None:
        return {}
    rows: dict[str, list[tuple[int, int]]] = {}
    for row, (image, draw) in enumerate(zip(placebos.images, placebos.draws, strict=True)):
        rows.setdefault(image, []).append((draw, row))
    found = {}
    for image, several in rows.items():
        several.sort()
        p = placebos.series[[row for _, row in several]]
        there = np.full(p.shape, np.nan)
        for line, (draw, _) in enumerate(several):
            known = sizes.get((image, draw), np.empty(0))
            there[line, : len(known)] = known
        found[image] = p, there
    return found


def hypotheses(
    targets: Sequence[Followed],
    sizes: Sequence[Mapping[str, float]],
    statistic: str,
    minimum_effect: float = 0.0,
) -> dict[str, list[Hypothesis]]:
    """Return image id → a hypothesis per property and model.

    Parameters
    ----------
    targets
        Property by property, model by model.
    sizes
        Of `edit_sizes`, one per property.
    statistic
        As in `moved_by`.
    minimum_effect
        How much larger than a placebo an edit must be to count.
    """
    models = len(targets) // len(sizes)
    found: dict[str, list[Hypothesis]] = {}
    for place, several in enumerate(sizes):
        first = 0
        for one in targets[place * models : (place + 1) * models]:
            values, chosen = moved_by(one, statistic), followed_of(one)
            for image, index in chosen.items():
                size = several.get(image, np.nan)
                found.setdefault(image, [])
                if index >= 0:
                    value = values[image] - minimum_effect
                    found[image].append(Hypothesis(value, size, first + index))
            first += one.classes
    return found
