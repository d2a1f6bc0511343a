"""What is scored of a model's predictions: one number a frame along every path."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.images.labels import UNLABELLED
from zollstock.inference.predictions import (
    Predictions,
    iterate_predictions,
    pictures_beside,
)
from zollstock.scoring.effects import clipped_log_odds, margin
from zollstock.scoring.outputs import Output, Spelled, parse_output
from zollstock.scoring.vector import from_reference, widest_distances


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
        Index of the followed class, of a contrast the first one, shape (N,); -1 where there is
        none.
    series
        What is followed, see `zollstock.scoring.outputs.Output`; for ``vector`` the distance of
        all probabilities from those of the unedited picture (`zollstock.scoring.vector`), shape
        (N, S). NaN at unused steps, and throughout where there is no class to follow.
    unedited
        The same of the path's unedited picture, its reference, shape (N,).
    classes
        How many classes the model has.
    draws
        Which draw of its image each path is, length N; zeros by default.
    widest
        For ``vector``, where it was asked for: the largest distance between any two of the frames
        at which a path is compared, its reference included, shape (N,).
    """

    images: list[str]
    axis: Array
    chosen: npt.NDArray[np.intp]
    series: Array
    unedited: Array
    classes: int
    draws: list[int] = field(default_factory=list)
    widest: Array | None = None

    def __post_init__(self) -> None:
        if not self.draws:
            object.__setattr__(self, "draws", [0] * len(self.images))


def follow(
    parts: Iterable[Predictions],
    output: Spelled | Output,
    owners: Mapping[str, int] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    compared: int | None = None,
) -> Followed:
    """Return the followed output of every path.

    Predictions come in parts, so that those of all classes are never held at once; see
    `zollstock.inference.predictions.iterate_predictions`.

    Parameters
    ----------
    parts
        Of one model along one property; one at least.
    output
        See `zollstock.scoring.outputs.Output`.
    owners
        Image id → index of the class to follow on its paths, see `chosen_of_pictures`: one a
        model and image, for all its edits, replicates and placebos. None takes the class that
        each path's own unedited picture is taken for, which may tremble from path to path.
    labels
        Image id → true class; needed for the output ``label`` without owners.
    compared
        At how many frames paths are compared with placebos, for `Followed.widest`.

    Raises
    ------
    ZollstockError
        If the model has no such class or output, or an image no label that is asked for.
    """
    output = parse_output(output)
    images, draws, axes, chosen, series, still, classes = [], [], [], [], [], [], 0
    widest = []
    for part in parts:
        if owners is None:
            indices = followed_class(part, output, labels)
        else:
            indices = np.array([owners.get(name, -1) for name in part.images], np.intp)
        images += part.images
        draws += part.draws
        axes.append(part.axis)
        chosen.append(indices)
        values, unedited = series_of_output(part, indices, output)
        series.append(values)
        still.append(unedited)
        classes = len(part.classes)
        if output.kind == "vector" and compared:
            found = widest_distances(part, compared)
            widest.append(np.where(indices < 0, np.nan, found))
    return Followed(
        images,
        np.concatenate(axes),
        np.concatenate(chosen),
        np.concatenate(series),
        np.concatenate(still),
        classes,
        draws,
        np.concatenate(widest) if widest else None,
    )


def follow_stored(
    root: Path,
    output: Spelled | Output,
    owners: Mapping[str, int] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    compared: int | None = None,
) -> Followed:
    """Return the followed output of predictions on disk; see `follow`.

    Without `owners` the class of each image is that of `chosen_of_pictures`.
    """
    if owners is None:
        owners = chosen_of_pictures(pictures_beside(root), output, labels)
    return follow(iterate_predictions(root), output, owners, compared=compared)


def followed_class(
    predictions: Predictions, output: Spelled | Output, labels: Mapping[str, str] | None = None
) -> npt.NDArray[np.intp]:
    """Return the index of the class that is followed, per image, shape (N,).

    Of a contrast it is the first class of the first set. Where the predicted class is followed
    it is -1 if the unedited image has no prediction, as in a failed path.

    Parameters
    ----------
    predictions
        Of one model along one property.
    output
        See `zollstock.scoring.outputs.Output`.
    labels
        Image id → true class; needed for ``label``.

    Raises
    ------
    ZollstockError
        If the model has no such class, or an image no label.
    """
    output = parse_output(output)
    if output.by == "predicted":
        known = np.isfinite(predictions.unedited_probabilities).all(axis=1)
        return np.where(known, predictions.unedited_probabilities.argmax(axis=1), -1)
    if output.by == "label":
        return _labelled(predictions, output, labels or {})
    first = output.indices(predictions.classes)[0][0]
    return np.full(len(predictions.images), first)


def _labelled(
    predictions: Predictions, output: Output, labels: Mapping[str, str]
) -> npt.NDArray[np.intp]:
    """Return the index of each image's true class."""
    places = {name: place for place, name in enumerate(predictions.classes)}
    for image in predictions.images:
        label = labels.get(image, UNLABELLED)
        if label in places:
            continue
        none = label == UNLABELLED
        what = "has no label" if none else f"has the label '{label}', which is no class"
        near = "" if none else did_you_mean(label, places, "") + " "
        step = "Give the images labels" if none else "Let labels and `classes` agree"
        raise ZollstockError(
            "scoring.output",
            f"is '{output.name}', but image '{image}' {what}",
            f"a label that is one of the model's {len(places)} classes",
            f"{near.lstrip()}{step}, or follow 'predicted' or a class.",
        )
    return np.array([places[labels[image]] for image in predictions.images], np.intp)


def series_of_output(
    predictions: Predictions, chosen: npt.NDArray[np.intp], output: Output
) -> tuple[Array, Array]:
    """Return the series of what is followed on each path, of the classes (N,), -1 for none.

    Returns
    -------
    series
        Shape (N, S).
    unedited
        The same number for the unedited picture of each path, shape (N,).
    """
    if output.kind == "similarity":
        _check_similarities(predictions, output)
    if output.kind == "vector":
        series = from_reference(predictions.probabilities, predictions.unedited_probabilities)
        unedited = np.zeros(len(series))
    else:
        logits = output.kind not in ("probability", "contrast")
        frames = predictions.logits if logits else predictions.probabilities
        still = predictions.unedited_logits if logits else predictions.unedited_probabilities
        whole = np.concatenate([frames, still[:, None]], axis=1)
        if output.kind == "margin":
            picked = margin(whole.astype(np.float64), np.maximum(chosen, 0))
        elif output.kind == "contrast":
            first, second = sums_of_sets(whole, output, predictions.classes)
            picked = first - second
        else:
            picked = np.take_along_axis(whole, chosen[:, None, None], axis=2)[:, :, 0]
        picked = picked.astype(np.float64)
        series, unedited = picked[:, :-1], picked[:, -1]
    series[chosen < 0] = np.nan
    unedited[chosen < 0] = np.nan
    return series, unedited


def sums_of_sets(
    probabilities: npt.NDArray[np.float32], output: Output, classes: Sequence[str]
) -> tuple[Array, Array]:
    """Return the probabilities of a contrast's two sets, (N, S, C) → (N, S) each; 0 of none."""
    first, second = (
        probabilities[:, :, places].astype(np.float64).sum(axis=2)
        for places in output.indices(classes)
    )
    return first, second


def log_odds_along(predictions: Predictions, followed: Followed, output: Output) -> Array:
    """Return the log odds that a change of what is followed is judged by, shape (N, S + 1).

    Of a probability those of `zollstock.scoring.effects.log_odds`; of a contrast of two sets
    those of one set against the other, each probability no less than a tenth of chance. Logits
    and margins are log odds as they are. With ``vector`` they are those of the predicted class.

    Returns
    -------
    ndarray
        The last column is that of the unedited picture. NaN where there are none, and throughout
        for similarities.
    """
    chosen, classes = followed.chosen, len(predictions.classes)
    whole = np.column_stack([followed.series, followed.unedited])
    if not output.has_odds or (
        output.kind in ("logit", "margin") and outputs_of(predictions) == "similarity"
    ):
        return np.full_like(whole, np.nan)
    if output.kind in ("logit", "margin"):
        return whole
    if output.kind == "vector":
        found = series_of_output(predictions, chosen, Output("probability", "predicted"))
        return clipped_log_odds(np.column_stack(found), classes)
    if output.against:
        both = np.concatenate(
            [predictions.probabilities, predictions.unedited_probabilities[:, None]], axis=1
        )
        least = 0.1 / max(classes, 2)
        first, second = sums_of_sets(both, output, predictions.classes)
        return np.asarray(np.log(np.maximum(first, least) / np.maximum(second, least)))
    return clipped_log_odds(whole, classes)


def outputs_of(predictions: Predictions) -> str:
    """Return of which kind a model's outputs are: logits, probabilities, sigmoid or similarity."""
    return str(getattr(predictions, "outputs", predictions.facts.get("outputs", "logits")))


def _check_similarities(predictions: Predictions, output: Output) -> None:
    if (kind := outputs_of(predictions)) != "similarity":
        raise ZollstockError(
            "scoring.output",
            f"is '{output.name}', but a model's outputs are of the kind {kind}",
            "models whose outputs are similarities, such as CLIP",
            "Follow a probability, 'logit:' or 'margin:'.",
        )


def chosen_of_pictures(
    root: Path, output: Spelled | Output, labels: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Return image id → index of the class that is followed on all its paths.

    Parameters
    ----------
    root
        Predictions of one model for the study's pictures themselves.
    output, labels
        See `followed_class`.
    """
    return chosen_in(iterate_predictions(root), output, labels)


def chosen_in(
    parts: Iterable[Predictions], output: Spelled | Output, labels: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Return image id → index of the class that is followed, of predictions of pictures."""
    found: dict[str, int] = {}
    for part in parts:
        found |= zip(part.images, followed_class(part, output, labels).tolist(), strict=True)
    return found
