"""Which weight and epoch of a method is taken, without group labels, or by the worst group."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from zollstock.errors import ZollstockError

Found = Mapping[str, float]
Key = TypeVar("Key")

LEVEL = 0.05
"""A gradient whose p is above this is not told apart from what placebos move."""


def by_placebo_test(
    candidates: Mapping[Key, Found], loss: float = 0.01, level: float = LEVEL
) -> Key:
    """Return the candidate of the least property gradient by the placebo test.

    All numbers are of a validation set of intervened images, see `zollstock.repair.beside`: no
    image's group need be known. Of those that are accurate enough

    1. the ones whose gradient is not told apart from the placebos' are equal: p is above the
       level, and the excess is not larger than what placebos move, so that a few images, whose
       p says nothing, make none equal to none. Of them the most accurate is taken, and of
       equally accurate ones that of the least excess;
    2. if there is none, the one whose edits move it least beyond what placebos do.

    So nobody is preferred for moving less than what should not matter moves it.

    Parameters
    ----------
    candidates
        Of each, ``accuracy``, ``epgm``, and ``excess``, ``placebo`` and ``p``. Where one has no p,
        all are compared by ``epgm``; see `least_gradient`.
    loss
        How far its accuracy may be below the best candidate's.
    level
        Of p.

    Raises
    ------
    ZollstockError
        If there is none whose numbers are finite.
    """
    near = _near(candidates, loss)
    if not all(math.isfinite(found.get("p", math.nan)) for found in near.values()):
        return least_gradient(candidates, loss)
    equal = {
        key: found
        for key, found in near.items()
        if found["p"] > level and found["excess"] <= found["placebo"]
    }
    if equal:
        return min(equal, key=lambda key: (-equal[key]["accuracy"], equal[key]["excess"]))
    return _least(near, lambda found: found["excess"])


def least_gradient(candidates: Mapping[Key, Found], loss: float = 0.01) -> Key:
    """Return the candidate that leans least on the property and is accurate enough.

    Where there are no placebos, see `by_placebo_test`.

    Parameters
    ----------
    candidates
        Of each, ``accuracy`` and ``epgm``; see `zollstock.repair.measuring.property_gradient`.
    loss
        How far its accuracy may be below the best candidate's.

    Raises
    ------
    ZollstockError
        If there is none whose numbers are finite.
    """
    return _least(_near(candidates, loss), lambda found: found["epgm"])


def _near(candidates: Mapping[Key, Found], loss: float) -> dict[Key, Found]:
    """Return those that are accurate enough; what is not finite is none."""
    known = {
        key: found
        for key, found in candidates.items()
        if math.isfinite(found["accuracy"]) and math.isfinite(found["epgm"])
    }
    best = max(found["accuracy"] for found in _some(known).values())
    return {key: found for key, found in known.items() if found["accuracy"] >= best - loss}


def best_worst_group(candidates: Mapping[Key, Found]) -> Key:
    """Return the candidate whose worst group is best; it asks for group labels."""
    return _least(_some(candidates), lambda found: -found["worst_group"])


def frontier(points: Mapping[Key, tuple[float, float]]) -> list[Key]:
    """Return the points that no other one beats, by falling accuracy.

    Parameters
    ----------
    points
        Accuracy, of which more is better, and property gradient, of which less is.
    """
    found: list[Key] = []
    least = float("inf")
    for key in sorted(points, key=lambda key: (-points[key][0], points[key][1])):
        if points[key][1] < least:
            found.append(key)
            least = points[key][1]
    return found


def of_epochs(
    told: Mapping[str, Sequence[float]], names: Sequence[str] = ("accuracy", "epgm")
) -> dict[int, Found]:
    """Return what was watched of each epoch, from a history whose keys begin with ``valid_``."""
    rows = zip(*(told[f"valid_{name}"] for name in names), strict=True)
    return {epoch: dict(zip(names, row, strict=True)) for epoch, row in enumerate(rows)}


def _some(candidates: Mapping[Key, Found]) -> Mapping[Key, Found]:
    if not candidates:
        raise ZollstockError(
            "repair: selection",
            "has no candidate with finite numbers",
            "one or more",
            "Train some, with a smaller learning rate or weight if they came out without numbers.",
        )
    return candidates


def _least(candidates: Mapping[Key, Found], of: Callable[[Found], float]) -> Key:
    # Of equal ones the first: the order of a config's weights and of epochs is the user's.
    return min(candidates, key=lambda key: of(candidates[key]))
