"""The placebo test of one model and property: a row per image."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.arrays import Array
from zollstock.profiles import Point
from zollstock.scoring.follow import Followed
from zollstock.scoring.jitter import replicated_gradient
from zollstock.significance.placebo import placebo_p, resolution, threshold
from zollstock.significance.sequential import besag_clifford
from zollstock.significance.signflip import slope_signflip
from zollstock.significance.targets import (
    PlacebosOfImage,
    followed_of,
    moved_by,
    placebos_of_images,
)

FEWEST_SEEDS = 5
"""With fewer replicates no sign-flip test can reach 0.0625."""


def compare_with_placebos(
    target: Followed,
    placebos: Followed | None,
    *,
    profiles: Mapping[str, Sequence[Point]],
    changes: Mapping[tuple[str, int], Array],
    labels: Mapping[str, str],
    statistic: str,
    steps: int,
    tolerance: float,
    number: int,
    stop_after: int | None,
    one_class: bool = True,
    closed: bool = False,
    unmatched: Collection[tuple[str, int]] = (),
) -> pd.DataFrame:
    """Compare how far the edits move one model with how far their placebos do.

    Parameters
    ----------
    target
        What the model predicts along the property, of N images.
    placebos
        Along the placebo paths, for the classes of `followed_of(target)`; None where there are
        none.
    profiles
        Image id → the profile of its edit, which placebos are made to.
    changes
        As in `zollstock.significance.targets.placebos_of_images`.
    labels
        Image id → true class.
    statistic
        See `zollstock.significance.compared.PLACEBO_STATISTICS`.
    steps
        At how many frames a path is looked at.
    tolerance
        By which share the sizes of placebos may be off.
    number
        How many placebos an image has where none failed and none was saved.
    stop_after
        The h of Besag & Clifford with which the placebos were made; None if all were.
    one_class
        Whether one class is followed, or all at once.
    closed
        Whether the axis closes on itself: then slopes along it mean nothing, and are not tested.
    unmatched
        As in `zollstock.significance.targets.placebos_of_images`.

    Returns
    -------
    DataFrame
        N rows with the columns image, label, statistic, value (of the edit), size (its largest
        change of the picture), placebos (how many match), unmatched (how many do not), used (by
        the test), larger (how many of these moved the output at least as far), placebo_median
        and placebo_high (their median and 95 % quantile), match (median size of the placebos
        over that of the edit), p, resolution (the smallest p possible), untested (why there is
        no p), shared (`zollstock.scoring.jitter.replicated_gradient` of the followed class) and
        jitter (root mean square of what replicates differ by at a step), both with 2 replicates
        or more, and p_seeds (sign-flip test of their slopes, with 5). What
        cannot be known is NaN.
    """
    values = moved_by(target, statistic, steps)
    images = list(followed_of(target))
    value = np.array([values[image] for image in images])
    drawn = placebos_of_images(
        placebos,
        changes,
        profiles,
        statistic=statistic,
        tolerance=tolerance,
        unmatched=unmatched,
    )
    found, match = _side_by_side(images, drawn)
    made = np.isfinite(found).sum(axis=1)
    if stop_after is None:
        p, used = placebo_p(value, found), made
    else:
        stopped = besag_clifford(value, found, stop_after)
        p, used = stopped.p, stopped.used
    missed = np.array([drawn[image].unmatched if image in drawn else 0 for image in images])
    table = pd.DataFrame(
        {
            "image": images,
            "label": [labels[image] for image in images],
            "statistic": statistic,
            "value": value,
            "size": [_largest(profiles.get(image)) for image in images],
            "placebos": made,
            "unmatched": missed,
            "used": used,
            "larger": _larger(value, found, used),
            "placebo_median": _quantile(found, 0.5),
            "placebo_high": _quantile(found, 0.95),
            "match": _quantile(match, 0.5),
            "p": p,
            "resolution": np.where(
                made > 0, resolution(made if stop_after is None else number), np.nan
            ),
            **_over_seeds(target, images, one_class=one_class, sloped=not closed),
        }
    )
    table["untested"] = np.select(
        [table["p"].notna(), table["value"].isna(), table["unmatched"] > 0],
        ["", "no value", "unmatched"],
        "no placebos",
    )
    return table


def compare_study(
    followed: Callable[[str, str, Mapping[str, int] | None], Followed],
    *,
    models: Sequence[str],
    profiles: Mapping[str, Mapping[str, Sequence[Point]]],
    changes: Mapping[str, Mapping[tuple[str, int], Array]],
    placebos_of: Mapping[str, str],
    unmatched: Mapping[str, Collection[tuple[str, int]]],
    labels: Mapping[str, str],
    closed: Collection[str] = (),
    **test: Any,  # noqa: ANN401 - of compare_with_placebos
) -> pd.DataFrame:
    """Compare the edits of every property and model with their placebos.

    Parameters
    ----------
    followed
        From a property or a set of placebos, a model, and the class to follow of each image
        (None: that of the output) to what the model predicts.
    models
        Names.
    profiles
        Property → image id → the profile of its edit.
    changes
        Set of placebos → (image, draw) → size of each frame.
    placebos_of
        Property → its set of placebos; those without are compared with none.
    unmatched
        Set of placebos → (image, draw) of those that could not be made as large as the edit.
    closed
        Properties whose axis closes on itself.
    labels, **test
        Of `compare_with_placebos`.

    Returns
    -------
    DataFrame
        The rows of `compare_with_placebos` with the columns property and model, model by model.
    """
    tables = []
    for model, name in product(models, profiles):
        target, made = followed(name, model, None), placebos_of.get(name)
        table = compare_with_placebos(
            target,
            followed(made, model, followed_of(target)) if made else None,
            profiles=profiles[name],
            changes=changes[made] if made else {},
            unmatched=unmatched[made] if made else (),
            labels=labels,
            closed=name in closed,
            **test,
        )
        tables.append(table.assign(property=name, model=model))
    return pd.concat(tables)


def _side_by_side(images: list[str], drawn: Mapping[str, PlacebosOfImage]) -> tuple[Array, Array]:
    """Return the placebos' values and how they match, (N, K), NaN where there is none."""
    most = max((len(drawn[image].values) for image in images if image in drawn), default=0)
    found, match = np.full((2, len(images), most), np.nan)
    for place, image in enumerate(images):
        if image in drawn:
            count = len(drawn[image].values)
            found[place, :count], match[place, :count] = drawn[image].values, drawn[image].match
    return found, match


def _larger(value: Array, found: Array, used: Any) -> npt.NDArray[np.int64]:  # noqa: ANN401
    """Return how many of the placebos that the test used are at least as large, shape (N,)."""
    limits = threshold(value)
    return np.array(
        [
            (draws[np.isfinite(draws)][:count] >= limit).sum()
            for draws, count, limit in zip(found, used, limits, strict=True)
        ],
        dtype=np.int64,
    )


def _largest(profile: Sequence[Point] | None) -> float:
    return max((point.size for point in profile), default=np.nan) if profile else np.nan


def _quantile(values: Array, share: float) -> Array:
    """Return a quantile of each row's finite values, NaN where there are none."""
    result = np.full(len(values), np.nan)
    known = np.isfinite(values).any(axis=1)
    if known.any():
        result[known] = np.nanquantile(values[known], share, axis=1)
    return result


def _over_seeds(
    target: Followed, images: list[str], *, one_class: bool, sloped: bool
) -> dict[str, Array]:
    """Return what an image's replicates say together, NaN where they are too few.

    shared: the epgm they have in common; jitter: what they differ by; p_seeds: the sign-flip test
    of their slopes.
    """
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(target.images):
        rows.setdefault(name, []).append(row)
    shared, jitter, p_seeds = np.full((3, len(images)), np.nan)
    for place, image in enumerate(images):
        mine, axis = target.series[rows[image]], target.axis[rows[image]]
        used = np.isfinite(axis)
        # A failed path has no step, or no prediction.
        kept = used.any(axis=1) & np.isfinite(np.where(used, mine, 0.0)).all(axis=1)
        mine, axis, used = mine[kept], axis[kept], used[kept]
        # Adaptive paths of different lengths have no common axis.
        if len(mine) < 2 or used[0].sum() < 2 or not (used == used[0]).all():
            continue
        mine, axis = mine[:, used[0]], axis[:, used[0]]
        if not (axis == axis[0]).all():
            continue
        jitter[place] = np.sqrt(mine.var(axis=0, ddof=1).mean())
        if one_class:  # of all classes the distance alone is followed, which is no epgm
            shared[place] = replicated_gradient(mine, axis[0])
        if sloped and len(mine) >= FEWEST_SEEDS and np.isfinite(mine).all():
            p_seeds[place] = slope_signflip(mine, axis[0])[1]
    return {"shared": shared, "jitter": jitter, "p_seeds": p_seeds}
