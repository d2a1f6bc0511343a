"""The score table: one row per image and statistic."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.errors import ZollstockError
from zollstock.inference.predictions import Predictions
from zollstock.scoring.shuffle import shuffle_test, untested
from zollstock.scoring.statistics import direction, get_statistic, prediction_flips


def followed_class(predictions: Predictions, output: str | int) -> npt.NDArray[np.intp]:
    """Return the index of the class whose probability is followed, per image, shape (N,).

    Parameters
    ----------
    predictions
        Of one model along one property.
    output
        ``predicted`` (for the unedited image), a class name or a class index.

    Raises
    ------
    ZollstockError
        If the model has no such class.
    """
    count = len(predictions.images)
    if output == "predicted":
        return predictions.unedited_probabilities.argmax(axis=1)
    if isinstance(output, str):
        if output not in predictions.classes:
            raise ZollstockError(
                "scoring.output",
                f"is '{output}'",
                f"'predicted' or one of {', '.join(predictions.classes)}",
                "Correct it in the config.",
            )
        return np.full(count, predictions.classes.index(output))
    if not 0 <= output < len(predictions.classes):
        raise ZollstockError(
            "scoring.output",
            f"is class index {output}",
            f"an index from 0 to {len(predictions.classes) - 1}",
            "Correct it in the config.",
        )
    return np.full(count, output)


def followed_series(predictions: Predictions, output: str | int) -> npt.NDArray[np.float64]:
    """Return the probability that is scored, shape (N, S); arguments as in `followed_class`."""
    chosen = followed_class(predictions, output)[:, None, None]
    return np.take_along_axis(predictions.probabilities, chosen, axis=2)[:, :, 0].astype(np.float64)


def score_predictions(
    predictions: Predictions,
    *,
    labels: Mapping[str, str],
    statistics: Sequence[str],
    output: str | int,
    permutations: int,
    seed: int,
) -> pd.DataFrame:
    """Score every path of one model along one property.

    Parameters
    ----------
    predictions
        Of N images.
    labels
        Image id → true class.
    statistics
        Names of statistics; see `zollstock.scoring.statistics`.
    output
        The class that is followed; see `followed_class`.
    permutations
        K of the shuffle test.
    seed
        Seed of the permutations.

    Returns
    -------
    DataFrame
        N rows per statistic (NaN where a path has too few steps for it) with the columns
        image, label, output, statistic, score, p_value, p_paper, z, null_mean, null_std,
        permutations, direction, flips, probability_unedited, probability_min, probability_max.
    """
    chosen = followed_class(predictions, output)
    series = followed_series(predictions, output)
    _, flips = prediction_flips(predictions.probabilities)
    rows = np.arange(len(series))
    tables = []
    for statistic in statistics:
        if statistic != statistics[0] and series.shape[1] < get_statistic(statistic).min_steps:
            # Too short for this one; the headline statistic says so as an error.
            test = untested(statistic, len(series), permutations, seed)
        else:
            test = shuffle_test(series, statistic, permutations, seed)
        tables.append(
            pd.DataFrame(
                {
                    "image": predictions.images,
                    "label": [labels[image] for image in predictions.images],
                    "output": [predictions.classes[index] for index in chosen],
                    "statistic": statistic,
                    "score": test.score,
                    "p_value": test.p_value,
                    "p_paper": test.p_paper,
                    "z": test.z,
                    "null_mean": test.null_mean,
                    "null_std": test.null_std,
                    "permutations": permutations,
                    "direction": direction(series),
                    "flips": flips,
                    "probability_unedited": predictions.unedited_probabilities[rows, chosen],
                    "probability_min": series.min(axis=1),
                    "probability_max": series.max(axis=1),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)
