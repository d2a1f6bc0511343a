"""What figures of a closed axis are drawn from: the predictions of every class along it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.figures.turning import Turn
from zollstock.inference.predictions import Predictions, iterate_predictions
from zollstock.scoring.outputs import SIMILARITY
from zollstock.store import PathStore, iterate_paths

ROWS = 4
"""Images on a page at most: the first of each label."""
MOST = 6
"""Classes of a page at most: those that come highest."""


def turns_of(
    models: Sequence[str],
    folders: Sequence[Path],
    store: PathStore,
    entries: Sequence[Mapping[str, Any]],
    labels: Mapping[str, str],
) -> Iterator[tuple[str, list[Turn]]]:
    """Yield each model with the turns of the first image of each label.

    Parameters
    ----------
    models, folders
        Names, and the groups of their predictions.
    store, entries
        The frames, and the manifest's first draws.
    labels
        Image → its class; of images without any the first ones are taken.
    """
    chosen: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        chosen.setdefault(labels.get(entry["image"]) or entry["image"], entry)
    shown = list(chosen.values())[:ROWS]
    for model, folder in zip(models, folders, strict=True):
        names = {entry["image"] for entry in shown}
        said: dict[str, tuple[Predictions, int]] = {}
        for part in iterate_predictions(folder):
            for row, (image, draw) in enumerate(zip(part.images, part.draws, strict=True)):
                if draw == 0 and image in names:
                    said[image] = part, row
        found = [
            turn
            for entry in shown
            if entry["image"] in said
            for _, path in iterate_paths(store, [entry])
            if (turn := _turn(entry["image"], *said[entry["image"]], path.frames, labels))
        ]
        yield model, found


def _turn(
    image: str,
    part: Predictions,
    row: int,
    frames: npt.NDArray[np.uint8],
    labels: Mapping[str, str],
) -> Turn | None:
    """Return what a model says of an image, of a path that did not fail."""
    alike = part.facts.get("outputs") == SIMILARITY
    values = (part.logits if alike else part.probabilities)[row].astype(np.float64)
    used = np.isfinite(part.axis[row]) & np.isfinite(values).all(axis=1)
    if used.sum() < 2:
        return None
    values, axis = values[used], part.axis[row][used]
    label = labels.get(image)
    own = part.classes.index(label) if label in part.classes else int(values.mean(0).argmax())
    order = np.argsort(-values.max(0), kind="stable")[:MOST]
    kept = [own, *(int(place) for place in order if place != own)][:MOST]
    extremes = int(values[:, own].argmax()), int(values[:, own].argmin())
    steps = np.flatnonzero(used)
    return Turn(
        image,
        part.classes[own],
        axis,
        {part.classes[place]: values[:, place] for place in sorted(kept)},
        extremes,
        np.stack([frames[steps[step]] for step in extremes]),
    )
