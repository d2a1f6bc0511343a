"""Placebos beside the edits that they are compared with, as curves."""

from collections.abc import Mapping, Sequence

import numpy as np

from zollstock.arrays import Array
from zollstock.scoring.follow import Followed
from zollstock.significance.targets import placebos_of_images

Curve = tuple[Array, Array]


def placebo_curves(
    made: Mapping[str, Followed],
    grown: Mapping[tuple[str, int], Array],
    sizes: Mapping[str, Array],
    names: Sequence[str],
) -> dict[str, dict[str, list[Curve]]]:
    """Return image → model → a curve of every placebo: by how much it changed, and what followed.

    Parameters
    ----------
    made
        Model → what it predicts along the placebos' paths, for the class that is followed along
        the edits.
    grown
        (image, draw) → how far each frame of a placebo is from its first, see
        `zollstock.store.changes_of`.
    sizes
        The same of the edits' first draws, by image.
    names
        Which images.

    Returns
    -------
    dict
        A curve is (x, p), both of one shape: the placebo's size as a share of the edit's, and
        the followed output. Images whose edit has no size have none.
    """
    found: dict[str, dict[str, list[Curve]]] = {
        name: {model: [] for model in made} for name in names
    }
    for model, followed in made.items():
        drawn = placebos_of_images(followed, grown)
        for name in names:
            size = float(np.nan_to_num(sizes.get(name, np.empty(0))).max(initial=0))
            if name in drawn and size > 0:
                found[name][model] = [
                    (x[np.isfinite(x)] / size, p[np.isfinite(x)])
                    for p, x in zip(*drawn[name], strict=True)
                ]
    return found
