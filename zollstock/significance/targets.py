"""What is compared with placebos: how far an edit moved the prediction, and how large it was."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from zollstock.arrays import Array
from zollstock.profiles import Point, mismatch, slack_of
from zollstock.scoring.follow import Followed
from zollstock.significance.compared import compared_statistic, thinned
from zollstock.significance.stopping import Hypothesis


def moved_by(target: Followed, statistic: str, most: int) -> dict[str, float]:
    """Return image id → how far its paths moved the followed output.

    With replicates it is the mean over them. That has less spread than a single placebo, so
    the comparison errs on the safe side.

    Parameters
    ----------
    target
        Of one model along one property.
    statistic
        See `zollstock.significance.compared.PLACEBO_STATISTICS`.
    most
        At how many frames a path is looked at.
    """
    found = pd.Series(_values(target, statistic, most)).groupby(target.images, sort=False).mean()
    return {str(image): float(value) for image, value in found.items()}


def _values(paths: Followed, statistic: str, most: int) -> Array:
    """Return how far each path moved the followed output, shape (N,).

    Distances of all classes from the reference have no sign and fold what lies on both sides of
    it, so that ``range`` is the largest distance between any two frames, where that is known.
    """
    if statistic == "range" and paths.widest is not None:
        return paths.widest
    return compared_statistic(statistic)(thinned(paths.series, paths.axis, most), paths.unedited)


def followed_of(target: Followed) -> dict[str, int]:
    """Return image id → index of the class that is followed, -1 where there is none."""
    paths = zip(target.images, target.draws, target.chosen, strict=True)
    return {image: int(index) for image, draw, index in paths if draw == 0}


class PlacebosOfImage(NamedTuple):
    """The placebos of one image, in the order of their draws.

    Attributes
    ----------
    values
        Their statistic, shape (K,); NaN where a placebo failed or does not match.
    match
        Size over that of the edit at its furthest frame, shape (K,).
    unmatched
        How many are of another size than the edit, those included that could not be made so
        large.
    """

    values: Array
    match: Array
    unmatched: int


def placebos_of_images(
    placebos: Followed | None,
    changes: Mapping[tuple[str, int], Array],
    profiles: Mapping[str, Sequence[Point]],
    *,
    statistic: str,
    tolerance: float,
    unmatched: Collection[tuple[str, int]] = (),
) -> dict[str, PlacebosOfImage]:
    """Return image id → what its placebos did.

    Parameters
    ----------
    placebos
        What one model predicts along the placebo paths; None where there are none.
    changes
        (image, draw) → mean absolute pixel change of each frame from the reference, (T,), of the
        placebos that could be made; see `zollstock.store.changes_of`.
    profiles
        Image id → the profile of its edit.
    statistic
        As in `moved_by`.
    tolerance
        By which share sizes may be off.
    unmatched
        (image, draw) of placebos that could not be made as large as the edit.
    """
    if placebos is None:
        return {}
    values = _values(placebos, statistic, placebos.series.shape[1])
    rows: dict[str, list[tuple[int, int]]] = {}
    for row, (image, draw) in enumerate(zip(placebos.images, placebos.draws, strict=True)):
        rows.setdefault(image, []).append((draw, row))
    found = {}
    for image, several in rows.items():
        profile = profiles.get(image)
        if not profile:
            continue
        wanted = np.array([point.size for point in profile])
        furthest, slack = int(wanted.argmax()), slack_of(wanted)
        kept, match = np.full((2, len(several)), np.nan)
        missed = 0
        for place, (draw, row) in enumerate(sorted(several)):
            sizes = changes.get((image, draw))
            fits = (
                sizes is not None
                and len(sizes) == len(wanted)
                and bool((mismatch(sizes, wanted, slack) <= 1 + tolerance).all())
            )
            missed += not fits and (sizes is not None or (image, draw) in unmatched)
            if fits:
                assert sizes is not None
                kept[place] = values[row]
                match[place] = sizes[furthest] / wanted[furthest] if wanted[furthest] else 1.0
        found[image] = PlacebosOfImage(kept, match, missed)
    return found


def hypotheses(
    targets: Sequence[Followed], statistic: str, most: int
) -> dict[str, list[Hypothesis]]:
    """Return image id → a hypothesis per model.

    Parameters
    ----------
    targets
        What each model predicts along the property.
    statistic, most
        As in `moved_by`.
    """
    found: dict[str, list[Hypothesis]] = {}
    first = 0
    for one in targets:
        values, chosen = moved_by(one, statistic, most), followed_of(one)
        for image, index in chosen.items():
            found.setdefault(image, [])
            if index >= 0:
                found[image].append(Hypothesis(values[image], first + index))
        first += one.classes
    return found
