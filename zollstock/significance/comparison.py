"""The placebo test of one model and property: a row per image."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from zollstock.arrays import Array
from zollstock.scoring.follow import Followed
from zollstock.scoring.jitter import replicated_gradient
from zollstock.significance.cutting import cut_statistic
from zollstock.significance.placebo import placebo_p, pooled_p, resolution
from zollstock.significance.sequential import besag_clifford
from zollstock.significance.signflip import slope_signflip
from zollstock.significance.targets import followed_of, moved_by, placebos_of_images

FEWEST_SEEDS = 5
"""With fewer replicates no sign-flip test can reach 0.0625."""


def compare_with_placebos(
    target: Followed,
    placebos: Followed | None,
    *,
    sizes: Mapping[str, float],
    placebo_sizes: Mapping[tuple[str, int], Array],
    labels: Mapping[str, str],
    statistic: str,
    number: int,
    stop_after: int | None,
    minimum_effect: float,
    strata: str,
) -> pd.DataFrame:
    """Compare how far the edits move one model with how far their placebos do.

    Parameters
    ----------
    target
        What the model predicts along the property, of N images.
    placebos
        Along the placebo paths, for the classes of `followed_of(target)`; None where there are
        none.
    sizes
        Image id → size of its edit; see `zollstock.significance.targets.edit_sizes`.
    placebo_sizes
        As in `zollstock.significance.targets.placebos_of_images`.
    labels
        Image id → true class.
    statistic
        See `zollstock.significance.targets.moved_by`.
    number
        How many placebos an image has where none failed and none was saved.
    stop_after
        The h of Besag & Clifford with which the placebos were made; None if all were.
    minimum_effect
        δ: an edit counts as larger than a placebo only if it is by this much.
    strata
        Whether placebos are pooled over images of one ``label``, or over ``all``.

    Returns
    -------
    DataFrame
        N rows with the columns image, label, statistic, value (of the edit), size, placebos
        (how many there are), used (by the test), placebo_median and placebo_high (their
        median and 95 % quantile, cut to the size of the edit), match (median size reached by
        the placebos over that of the edit), p, resolution (the smallest p possible), p_pooled,
        used_pooled, shared (`zollstock.scoring.jitter.replicated_gradient` of the followed
        output, with 2 replicates or more) and p_seeds (sign-flip test of their slopes, with 5).
        What cannot be known is NaN; p_pooled needs placebos that no model stopped.
    """
    values = moved_by(target, statistic)
    images = list(followed_of(target))
    value = np.array([values[image] for image in images])
    size = np.array([sizes.get(image, np.nan) for image in images])
    found, reached = _placebo_values(
        images, placebos_of_images(placebos, placebo_sizes), size, statistic
    )
    made = np.isfinite(found).sum(axis=1)
    # The same as adding δ to every placebo.
    tested = value - minimum_effect
    if stop_after is None:
        p, used = placebo_p(tested, found), made
    else:
        stopped = besag_clifford(tested, found, stop_after)
        p, used = stopped.p, stopped.used
    if stop_after is None and found.shape[1]:
        groups = np.array([labels[image] if strata == "label" else "" for image in images])
        pooled, used_pooled = pooled_p(tested, found, groups)
    else:
        pooled, used_pooled = np.full(len(images), np.nan), np.zeros(len(images), int)
    return pd.DataFrame(
        {
            "image": images,
            "label": [labels[image] for image in images],
            "statistic": statistic,
            "value": value,
            "size": size,
            "placebos": made,
            "used": used,
            "placebo_median": _quantile(found, 0.5),
            "placebo_high": _quantile(found, 0.95),
            "match": _quantile(reached, 0.5) / np.where(size > 0, size, np.nan),
            "p": p,
            "resolution": np.where(
                made > 0, resolution(made if stop_after is None else number), np.nan
            ),
            "p_pooled": pooled,
            "used_pooled": used_pooled,
            **_over_seeds(target, images),
        }
    )


def compare_study(
    followed: Callable[[str, str, Mapping[str, int] | None], Followed],
    *,
    models: Sequence[str],
    sizes: Mapping[str, Mapping[str, float]],
    placebo_sizes: Mapping[str, Mapping[tuple[str, int], Array]],
    placebos_of: Mapping[str, str],
    labels: Mapping[str, str],
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
    sizes
        Property → image id → size of its edit.
    placebo_sizes
        Set of placebos → (image, draw) → sizes along the path.
    placebos_of
        Property → its set of placebos; those without are compared with none.
    labels, **test
        Of `compare_with_placebos`.

    Returns
    -------
    DataFrame
        The rows of `compare_with_placebos` with the columns property and model, model by model.
    """
    tables = []
    for model, name in product(models, sizes):
        target, shared = followed(name, model, None), placebos_of.get(name)
        placebos = followed(shared, model, followed_of(target)) if shared else None
        table = compare_with_placebos(
            target,
            placebos,
            sizes=sizes[name],
            placebo_sizes=placebo_sizes[shared] if shared else {},
            labels=labels,
            **test,
        )
        tables.append(table.assign(property=name, model=model))
    return pd.concat(tables)


def _placebo_values(
    images: list[str],
    placebos: Mapping[str, tuple[Array, Array]],
    size: Array,
    statistic: str,
) -> tuple[Array, Array]:
    """Return what each placebo moved the probability by and the size it has, (N, K)."""
    nothing = (np.empty((0, 1)), np.empty((0, 1)))
    most = max((len(placebos.get(image, nothing)[0]) for image in images), default=0)
    found, reached = np.full((2, len(images), most), np.nan)
    for place, image in enumerate(images):
        p, there = placebos.get(image, nothing)
        if not len(p) or not np.isfinite(size[place]):
            continue
        cut = cut_statistic(p, there, float(size[place]), statistic)
        found[place, : len(p)], reached[place, : len(p)] = cut
    return found, reached


def _quantile(values: Array, share: float) -> Array:
    """Return a quantile of each row's finite values, NaN where there are none."""
    result = np.full(len(values), np.nan)
    known = np.isfinite(values).any(axis=1)
    if known.any():
        result[known] = np.nanquantile(values[known], share, axis=1)
    return result


def _over_seeds(target: Followed, images: list[str]) -> dict[str, Array]:
    """Return what an image's replicates say together, NaN where they are too few.

    shared: the epgm they have in common; p_seeds: the sign-flip test of their slopes.
    """
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(target.images):
        rows.setdefault(name, []).append(row)
    shared, p_seeds = np.full((2, len(images)), np.nan)
    for place, image in enumerate(images):
        mine, axis = target.series[rows[image]], target.axis[rows[image]]
        used = np.isfinite(axis)
        kept = used.any(axis=1)  # a failed path has no step
        mine, axis, used = mine[kept], axis[kept], used[kept]
        # Adaptive paths of different lengths have no common axis.
        if len(mine) < 2 or used[0].sum() < 2 or not (used == used[0]).all():
            continue
        mine, axis = mine[:, used[0]], axis[:, used[0]]
        if not (axis == axis[0]).all():
            continue
        shared[place] = replicated_gradient(mine, axis[0])
        if len(mine) >= FEWEST_SEEDS and np.isfinite(mine).all():
            p_seeds[place] = slope_signflip(mine, axis[0])[1]
    return {"shared": shared, "p_seeds": p_seeds}
