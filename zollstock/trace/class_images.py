"""Images of a class: which of them find its causal graph, and which judge it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class ClassImages:
    """Images of a class that are classified right.

    Attributes
    ----------
    index, name
        Of the class, among the units of the last layer.
    found_on, judged_on
        A network's inputs, (N, …) and (M, …); of few images both are the same ones.
    names
        Of those that the graph is found on.
    held_out
        Whether no image judges the graph that it was found on.
    others, other_names
        Of which the interventions take what a unit returns elsewhere, (K, …): images of other
        classes. What the class's own images have on average is no less of the class. Of a class
        that is alone, those that the graph is found on.
    """

    index: int
    name: str
    found_on: torch.Tensor
    judged_on: torch.Tensor
    names: tuple[str, ...]
    held_out: bool
    others: torch.Tensor
    other_names: tuple[str, ...]


def split_class(
    pictures: torch.Tensor,
    places: Sequence[int],
    index: int,
    name: str,
    count: int,
    others: Sequence[int] = (),
) -> ClassImages | None:
    """Return images of a class that find its graph, and those that judge it.

    Parameters
    ----------
    pictures
        A network's inputs, (N, …).
    places
        Which of them are of the class and classified right.
    index, name
        Of the class.
    count
        How many are wanted for each purpose.
    others
        Which of them are of other classes; evenly spread ones are taken.

    Returns
    -------
    ClassImages or None
        None with fewer than two images: a test needs two.
    """
    if len(places) < 2:
        return None
    first, second = list(places[: 2 * count : 2]), list(places[1 : 2 * count : 2])
    held_out = len(first) >= 2 and len(second) >= 2
    if not held_out:
        first = second = list(places)
    spread = np.linspace(0, len(others) - 1, min(count, len(others))).round().astype(int)
    elsewhere = [others[place] for place in spread] or first
    return ClassImages(
        index,
        name,
        pictures[first],
        pictures[second],
        tuple(map(str, first)),
        held_out,
        pictures[elsewhere],
        tuple(map(str, elsewhere)),
    )
