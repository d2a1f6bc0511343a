"""Placebos beside the edits that they are compared with, where these were compared."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from zollstock.arrays import Array
from zollstock.profiles import compared_steps
from zollstock.scoring.follow import Followed
from zollstock.significance.compared import thinned


class Beside(NamedTuple):
    """What a model's output did along the placebos of one image.

    Attributes
    ----------
    places
        Values of the edit's axis at which it is compared, shape (T,).
    changes
        Followed output of each placebo there less that of its own unedited picture, (K, T).
    """

    places: Array
    changes: Array


def placebo_changes(
    target: Followed, placebos: Followed | None, names: Sequence[str], most: int
) -> dict[str, Beside]:
    """Return image id → its placebos beside its first draw, of one model.

    Parameters
    ----------
    target
        What the model predicts along the property.
    placebos
        Along the placebos, for the classes of the target; None where there are none. Those that
        could not be made as large as the edit have no number and are left out.
    names
        Which images.
    most
        At how many frames a path is compared.
    """
    rows: dict[str, list[int]] = {}
    if placebos is not None:
        changes = thinned(placebos.series, placebos.axis, placebos.series.shape[1])
        changes -= placebos.unedited[:, None]
        for row, image in enumerate(placebos.images):
            if np.isfinite(changes[row]).any():
                rows.setdefault(image, []).append(row)
    found = {}
    paths = zip(target.images, target.draws, target.axis, strict=True)
    axes = {image: axis[np.isfinite(axis)] for image, draw, axis in paths if draw == 0}
    for name in names:
        axis = axes[name]
        places = axis[compared_steps(len(axis), most)] if len(axis) else axis
        mine = changes[rows[name]] if name in rows else np.empty((0, len(places)))
        found[name] = Beside(places, mine[:, : len(places)])
    return found
