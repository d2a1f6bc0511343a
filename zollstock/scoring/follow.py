"""What is scored of a model's predictions: one number a frame along every path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.inference.predictions import (
    Predictions,
    iterate_predictions,
    pictures_beside,
)
from zollstock.scoring.constants import MARGIN, VECTOR
from zollstock.scoring.effects import margin
from zollstock.scoring.vector import from_reference


@dataclass(frozen=True)
class Followed:
    """One number per frame: the followed output of one model along every path.

    Attributes
    ----------
    images
        Image id of each path, length N.
    axis
        float64, shape (N, S); NaN at unused steps.
    chosen
        Index of the followed class, shape (N,); -1 where there is none.
    series
        A probability, a difference of logits for ``margin``, or for ``vector`` the distance of
        all probabilities from those of the unedited picture (`zollstock.scoring.vector`), shape
        (N, S). NaN at unused steps, and throughout where there is no class to follow.
    unedited
        The same of the path's unedited picture, its reference, shape (N,).
    classes
        How many classes the model has.
    draws
        Which draw of its image each path is, length N; zeros by default.
    """

    images: list[str]
    axis: Array
    chosen: npt.NDArray[np.intp]
    series: Array
    unedited: Array
    classes: int
    draws: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.draws:
            object.__setattr__(self, "draws", [0] * len(self.images))


def follow(
    parts: Iterable[Predictions], output: str | int, owners: Mapping[str, int] | None = None
) -> Followed:
    """Return the followed output of every path.

    Predictions come in parts, so that those of all classes are never held at once; see
    `zollstock.inference.predictions.iterate_predictions`.

    Parameters
    ----------
    parts
        Of one model along one property; one at least.
    output
        See `followed_class`.
    owners
        Image id → index of the class to follow on its paths, see `chosen_of_pictures`: one a
        model and image, for all its edits, replicates and placebos. None takes the class that
        each path's own unedited picture is taken for, which may tremble from path to path.

    Raises
    ------
    ZollstockError
        If the model has no such class.
    """
    images, draws, axes, chosen, series, still, classes = [], [], [], [], [], [], 0
    for part in parts:
        if owners is None:
            indices = followed_class(part, output)
        else:
            indices = np.array([owners.get(name, -1) for name in part.images])
        images += part.images
        draws += part.draws
        axes.append(part.axis)
        chosen.append(indices)
        values, unedited = series_of_class(part, indices, output)
        series.append(values)
        still.append(unedited)
        classes = len(part.classes)
    return Followed(
        images,
        np.concatenate(axes),
        np.concatenate(chosen),
        np.concatenate(series),
        np.concatenate(still),
        classes,
        draws,
    )


def follow_stored(
    root: Path, output: str | int, owners: Mapping[str, int] | None = None
) -> Followed:
    """Return the followed output of predictions on disk; see `follow`.

    Without `owners` the class of each image is that of `chosen_of_pictures`.
    """
    if owners is None:
        owners = chosen_of_pictures(pictures_beside(root), output)
    return follow(iterate_predictions(root), output, owners)


def followed_class(predictions: Predictions, output: str | int) -> npt.NDArray[np.intp]:
    """Return the index of the class whose probability is followed, per image, shape (N,).

    With ``predicted``, ``margin`` or ``vector`` it is the predicted class, and -1 where the
    unedited image has no prediction, as in a failed path.

    Parameters
    ----------
    predictions
        Of one model along one property.
    output
        ``predicted`` (for the unedited picture), ``margin`` (of that class), ``vector`` (of all
        classes), a class name or a class index.

    Raises
    ------
    ZollstockError
        If the model has no such class.
    """
    count = len(predictions.images)
    if output in ("predicted", MARGIN, VECTOR):
        known = np.isfinite(predictions.unedited_probabilities).all(axis=1)
        return np.where(known, predictions.unedited_probabilities.argmax(axis=1), -1)
    if isinstance(output, str):
        if output not in predictions.classes:
            raise ZollstockError(
                "scoring.output",
                f"is '{output}'",
                f"'predicted', 'margin', 'vector' or one of {', '.join(predictions.classes)}",
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


def series_of_class(
    predictions: Predictions, chosen: npt.NDArray[np.intp], output: str | int
) -> tuple[Array, Array]:
    """Return the series of one class per path (N,), -1 for none.

    Returns
    -------
    series
        Shape (N, S).
    unedited
        The same number for the unedited picture of each path, shape (N,).
    """
    if output == VECTOR:
        series = from_reference(predictions.probabilities, predictions.unedited_probabilities)
        unedited = np.zeros(len(series))
    else:
        logits = output == MARGIN
        frames = predictions.logits if logits else predictions.probabilities
        still = predictions.unedited_logits if logits else predictions.unedited_probabilities
        whole = np.concatenate([frames, still[:, None]], axis=1)
        if logits:
            picked = margin(whole.astype(np.float64), np.maximum(chosen, 0))
        else:
            picked = np.take_along_axis(whole, chosen[:, None, None], axis=2)[:, :, 0]
        picked = picked.astype(np.float64)
        series, unedited = picked[:, :-1], picked[:, -1]
    series[chosen < 0] = np.nan
    unedited[chosen < 0] = np.nan
    return series, unedited


def chosen_of_pictures(root: Path, output: str | int) -> dict[str, int]:
    """Return image id → index of the class that is followed on all its paths.

    Parameters
    ----------
    root
        Predictions of one model for the study's pictures themselves.
    output
        See `followed_class`.
    """
    found: dict[str, int] = {}
    for part in iterate_predictions(root):
        found |= zip(part.images, followed_class(part, output).tolist(), strict=True)
    return found
