"""How far an edit goes on its way: what its placebos are made to.

An edit is compared with placebos at a few of its steps. Its *profile* tells for each how far the
frame is from the reference, the picture in the state that the engine leaves untouched, and on which
side of it. A placebo has a real frame for each of them, as far away and on the same side.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

ROUNDING = 0.5 / 255
"""Small sizes that differ by less are equal: frames hold whole grey levels."""
ROUNDING_SHARE = 0.05
"""The same, as a share of an edit's largest size; the smaller of the two counts."""


class Point(NamedTuple):
    """A frame of a profile.

    Attributes
    ----------
    side
        −1 before the reference, 1 behind it; 0 for the reference itself.
    size
        Mean absolute pixel change from the reference, in [0, 1].
    """

    side: int
    size: float


Profile = Sequence[Point]


def compared_steps(steps: int, most: int) -> Indices:
    """Return up to `most` of a path's steps, evenly spread, the first and the last among them."""
    return np.unique(np.round(np.linspace(0, steps - 1, min(steps, most))).astype(np.intp))


def reference_step(changes: npt.ArrayLike, axis: npt.ArrayLike | None = None) -> int:
    """Return the step that is nearest to the reference.

    Parameters
    ----------
    changes
        Mean absolute pixel change of each frame from the reference, shape (S,).
    axis
        Of equally near steps the one nearest to 0 on it is taken; without one the first.
    """
    sizes = np.asarray(changes, np.float64)
    if axis is None:
        return int(np.argmin(sizes))
    return int(np.lexsort((np.abs(np.asarray(axis, np.float64)), sizes))[0])


def profile_of(changes: npt.ArrayLike, most: int) -> list[Point]:
    """Return the profile of an edit at up to `most` of its steps.

    Parameters
    ----------
    changes
        Mean absolute pixel change of each frame from the reference, shape (S,), or (R, S) of R
        replicates, of which the largest counts.
    most
        How many steps are compared.
    """
    several = np.atleast_2d(np.asarray(changes, np.float64))
    sizes = several.max(axis=0)
    middle = reference_step(several[0])
    return [
        Point(int(np.sign(step - middle)) if sizes[step] > 0 else 0, float(f"{sizes[step]:.4g}"))
        for step in compared_steps(len(sizes), most)
    ]


def profiles_of(
    changes: dict[tuple[str, int], Array], images: Sequence[str], most: int
) -> dict[str, list[Point]]:
    """Return image id → its profile, without those that have no path.

    Parameters
    ----------
    changes
        (image, draw) → mean absolute pixel change of each frame from the reference.
    images
        Ids.
    most
        How many steps are compared. Replicates of different lengths have no step in common:
        then the first speaks for all.
    """
    paths: dict[str, list[Array]] = {}
    for (image, _), found in sorted(changes.items()):
        paths.setdefault(image, []).append(found)
    return {
        image: profile_of(
            [path for path in paths[image] if len(path) == len(paths[image][0])], most
        )
        for image in images
        if image in paths
    }


def slack_of(sizes: npt.ArrayLike) -> float:
    """Return by how much sizes may differ from an edit's and be equal all the same.

    Frames hold whole grey levels, so the small sizes near the reference cannot be met to a share
    of themselves: `ROUNDING` is let pass. But a size is a mean over the picture, and an edit of a
    small part of it may be smaller than that altogether. It must not count as equal to none, so
    no more than `ROUNDING_SHARE` of the edit's largest size is let pass.

    Parameters
    ----------
    sizes
        Of the edit at all steps that are compared.
    """
    return min(ROUNDING, ROUNDING_SHARE * float(np.max(sizes)))


def mismatch(made: npt.ArrayLike, wanted: npt.ArrayLike, slack: float) -> Array:
    """Return by which factor sizes miss those wanted: 1 is equal, 2 is twice as large.

    What is too small counts twice: .8 is a miss of 1.25² = 1.56. A placebo that is too large makes
    the test timid, one that is too small makes it bold. Sizes within the `slack` of each other are
    equal; see `slack_of`.
    """
    made, wanted = np.asarray(made, np.float64), np.asarray(wanted, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.maximum(made / wanted, (wanted / made) ** 2)
    factor = np.where(np.abs(made - wanted) <= slack, 1.0, factor)
    return np.where(np.isfinite(made) & np.isfinite(wanted), factor, np.nan)


def nearest(made: npt.ArrayLike, wanted: float, slack: float) -> int:
    """Return which of several sizes misses the one wanted least; of equals the larger one."""
    sizes = np.asarray(made, np.float64)
    apart = np.round(mismatch(sizes, wanted, slack), 6)
    return int(np.lexsort((-sizes, apart))[0])
