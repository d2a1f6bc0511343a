"""What is compared with placebos: how far an edit moved the prediction, and how large it was."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.draws import split_id
from zollstock.inference.predictions import Predictions
from zollstock.scoring.table import followed_class, followed_series
from zollstock.significance.placebo import PLACEBO_STATISTICS
from zollstock.significance.stopping import Hypothesis

Array = npt.NDArray[np.float64]


def edit_sizes(verdicts: pd.DataFrame) -> dict[str, float]:
    """Return image id → size of its edit, from the ledger's verdicts.

    The size is the largest mean absolute pixel change from the first frame, the largest over
    the image's replicates; NaN where all its paths failed.
    """
    images = [split_id(str(name))[0] for name in verdicts["image"]]
    found = verdicts["size"].groupby(images, sort=False).max()
    return {str(image): float(size) for image, size in found.items()}


def moved_by(predictions: Predictions, output: str | int, statistic: str) -> dict[str, float]:
    """Return image id → how far its paths moved the followed probability.

    With replicates it is the mean over them. That has less spread than a single placebo, so
    the comparison errs on the safe side.

    Parameters
    ----------
    predictions
        Of one model along one property.
    output
        See `zollstock.scoring.table.followed_class`.
    statistic
        See `zollstock.significance.placebo.PLACEBO_STATISTICS`.
    """
    values = PLACEBO_STATISTICS[statistic](followed_series(predictions, output))
    images = [split_id(name)[0] for name in predictions.images]
    found = pd.Series(values).groupby(images, sort=False).mean()
    return {str(image): float(value) for image, value in found.items()}


def followed_of(predictions: Predictions, output: str | int) -> dict[str, int]:
    """Return image id → index of the class that is followed, -1 where there is none."""
    chosen = followed_class(predictions, output)
    names = [split_id(name) for name in predictions.images]
    return {
        image: int(index) for (image, draw), index in zip(names, chosen, strict=True) if draw == 0
    }


def hypotheses(
    predictions: Sequence[Predictions],
    sizes: Sequence[Mapping[str, float]],
    output: str | int,
    statistic: str,
    minimum_effect: float = 0.0,
) -> dict[str, list[Hypothesis]]:
    """Return image id → a hypothesis per property and model.

    Parameters
    ----------
    predictions
        Property by property, model by model.
    sizes
        Of `edit_sizes`, one per property.
    output, statistic
        As in `moved_by`.
    minimum_effect
        How much larger than a placebo an edit must be to count.
    """
    models = len(predictions) // len(sizes)
    found: dict[str, list[Hypothesis]] = {}
    for place, several in enumerate(sizes):
        first = 0
        for one in predictions[place * models : (place + 1) * models]:
            values, chosen = moved_by(one, output, statistic), followed_of(one, output)
            for image, index in chosen.items():
                size = several.get(image, np.nan)
                found.setdefault(image, [])
                if index >= 0:
                    value = values[image] - minimum_effect
                    found[image].append(Hypothesis(value, size, first + index))
            first += len(one.classes)
    return found
