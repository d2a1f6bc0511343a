"""Which weight and epoch of a method is taken, without group labels, or by the worst group."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from zollstock.errors import ZollstockError

Found = Mapping[str, float]
Key = TypeVar("Key")


def least_gradient(candidates: Mapping[Key, Found], loss: float = 0.01) -> Key:
    """Return the candidate that leans least on the property and is accurate enough.

    Both numbers are of a validation set of intervened images, see
    `zollstock.repair.measuring.property_gradient`: no image's group need be known.

    Parameters
    ----------
    candidates
        Of each, ``accuracy`` and ``epgm``.
    loss
        How far its accuracy may be below the best candidate's.

    Raises
    ------
    ZollstockError
        If there is none.
    """
    best = max(found["accuracy"] for found in _some(candidates).values())
    near = {key: found for key, found in candidates.items() if found["accuracy"] >= best - loss}
    return _least(near, lambda found: found["epgm"])


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
            "repair: selection", "has no candidate", "one or more", "Train some first."
        )
    return candidates


def _least(candidates: Mapping[Key, Found], of: Callable[[Found], float]) -> Key:
    # Of equal ones the first: the order of a config's weights and of epochs is the user's.
    return min(candidates, key=lambda key: of(candidates[key]))
