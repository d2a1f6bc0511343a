"""What each model was given, and what it says of the unedited pictures, as tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError
from zollstock.images.fitting import common_size
from zollstock.images.geometry import Geometry, geometry_of
from zollstock.images.table import ImageRecord
from zollstock.inference.notices import Answers
from zollstock.inference.outputs import as_probabilities
from zollstock.inference.run import Runner

Size = tuple[int, int]

PICTURES = ("image", "label", "model", "class", "probability", "second", "correct")
"""Columns of the table with a row a picture and model; ``correct`` is empty where none knows."""

_TOGETHER = 4
"""Pictures that are shown to a model once more, as one batch."""


def sizes_of_frames(asked: Sequence[Any], images: Sequence[ImageRecord]) -> list[Size]:
    """Return the sizes that frames will have, as far as that is known before there are any.

    Parameters
    ----------
    asked
        Of each property: height and width, one number for both, or None for what the images have
        in common.
    images
        All of the study.
    """
    found: list[Size] = []
    for size in asked:
        both = [size, size] if isinstance(size, int) else size
        one = common_size(images, both)
        found += [] if one in found else [one]
    return found


def answers(
    runner: Runner,
    images: Sequence[ImageRecord],
    sizes: Sequence[Size],
    count: Callable[[int], None] = lambda number: None,
) -> tuple[Answers, list[str]]:
    """Run a model on every picture, one at a time, and return what it says.

    Parameters
    ----------
    runner
        The model.
    images
        The study's pictures.
    sizes
        Of the frames to come, for a model that takes them as they are: it sees the pictures at the
        first of these sizes, or at the size they have in common where none is known.
    count
        Is told how many pictures were seen.

    Returns
    -------
    answers
        Of all pictures; of none where frames may still suit a model that refuses the pictures.
    list of str
        What to say of that.

    Raises
    ------
    ZollstockError
        If the model refuses them, returns NaN, or is no function of the frame.
    """
    classes = runner.model.classes
    rows: list[npt.NDArray[np.float32]] = []
    some: list[npt.NDArray[np.uint8]] = []
    try:
        geometries = _geometries(runner.model.geometry, sizes, images)
        for image in images:
            # Whether it takes frames of the other sizes is asked once.
            asked = geometries[:1] if rows else geometries
            pixels = image.pixels()[None]
            found = [runner.logits(geometry.apply(pixels))[0] for geometry in asked]
            if not np.isfinite(found).all():
                raise ZollstockError(
                    f"image {image.id}",
                    "makes the model return NaN or infinity",
                    "finite logits",
                    "Check the model's weights and preprocessing.",
                )
            rows.append(found[0])
            if len(some) < _TOGETHER:
                some.append(geometries[0].apply(pixels))
            count(1)
        if len(some) > 1:
            runner.check(np.concatenate(some))
    except ZollstockError as error:
        if runner.model.geometry.size or sizes or error.where != "models: preprocessing":
            raise
        why = f"{error.found}; if frames have this size it will stop there: set its size"
        return _described(runner, [], np.empty((0, len(classes)), np.float32)), [why]
    return _described(runner, [image.label for image in images], np.stack(rows)), []


def row_of_model(
    name: str, card: Mapping[str, Any], found: Answers, warnings: Iterable[str]
) -> dict[str, Any]:
    """Return a model's row of the table of what was given.

    Parameters
    ----------
    name
        Of the model.
    card
        Its card.
    found
        Of `answers`.
    warnings
        What to say of these.
    """
    preprocessing = card["preprocessing"]
    geometry = geometry_of(preprocessing)
    said = [right for right in found.correct if right is not None]
    channels = card.get("channels") or 3
    trained = card.get("trained_on")
    return {
        "model": name,
        "family": card["family"],
        "source": card.get("imported_from") or (f"trained on {trained}" if trained else ""),
        "size": "×".join(map(str, geometry.size)) if geometry.size else "as the frames",
        "crop": _crop(geometry),
        "mean": _numbers(preprocessing["mean"], channels),
        "std": _numbers(preprocessing["std"], channels),
        "channels": channels,
        "outputs": found.outputs,
        "classes": len(found.classes),
        "parameters": card["parameters"],
        "pictures": len(found.labels),
        "labelled": len(said),
        "accuracy": sum(said) / len(said) if said else "",
        "top_classes": len(set(found.named)),
        "notes": "\n".join(card.get("notes", ())),
        "warnings": "\n".join(warnings),
    }


def rows_of_pictures(
    name: str, images: Sequence[ImageRecord], found: Answers
) -> list[dict[str, Any]]:
    """Return a model's rows of the table of pictures; its columns are `PICTURES`."""
    if not found.labels:
        return []
    return [
        {
            "image": image.id,
            "label": image.label,
            "model": name,
            "class": found.classes[found.first[place]],
            "probability": float(f"{found.probability[place]:.6g}"),
            "second": found.classes[found.second[place]],
            "correct": "" if found.correct[place] is None else found.correct[place],
        }
        for place, image in enumerate(images)
    ]


def _geometries(
    own: Geometry, sizes: Sequence[Size], images: Sequence[ImageRecord]
) -> list[Geometry]:
    """Return how pictures are brought to the model's input, the usual way first."""
    if own.size is not None:
        return [own]
    return [replace(own, size=size) for size in sizes or [common_size(images)]]


def _described(runner: Runner, labels: list[str], logits: npt.NDArray[np.float32]) -> Answers:
    model = runner.model
    probabilities = as_probabilities(logits, independent=model.independent, scale=model.scale)
    order = np.argsort(-logits, axis=1, kind="stable")
    first, second = order[:, 0], order[:, 1]
    wide = logits.astype(np.float64) * model.scale
    each = np.arange(len(wide))
    own = wide[each, first]
    others = wide.copy()
    others[each, first] = -np.inf
    against = 0.0 if model.independent else np.logaddexp.reduce(others, axis=1)
    return Answers(
        classes=model.classes,
        labels=labels,
        first=first,
        second=second,
        probability=probabilities[each, first].astype(np.float64),
        odds=own - against,
        outputs=model.outputs,
    )


def _crop(geometry: Geometry) -> str:
    """Say how a picture of another shape is brought to the size."""
    if geometry.size is None:
        return ""
    if geometry.fit == "crop" and geometry.resize_to is not None:
        return f"crop from {geometry.resize_to}"
    return geometry.fit


def _numbers(values: Sequence[float], channels: int) -> str:
    """Return numbers of the channels as text, equal ones once."""
    used = list(values)[:channels]
    return " ".join(f"{value:.4g}" for value in (used[:1] if len(set(used)) == 1 else used))
