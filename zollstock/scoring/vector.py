"""All classes at once: how far the vector P of probabilities travels along a path, class by class.

The distance of two frames is the total variation distance of their vectors, d(a, b) =
½ Σ_c |P_ac - P_bc|: the probability that changes class. With two classes it is |p_a - p_b| of
either, so that every number here is then that of the followed class. The statistics epgm and
paper_grad need the distances of the S steps alone, whatever the number of classes.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.arrays import Array, Indices
from zollstock.errors import ZollstockError
from zollstock.inference.predictions import Predictions
from zollstock.profiles import compared_steps
from zollstock.scoring.effects import class_gradients
from zollstock.scoring.moments import EXACT, moments_of_distances
from zollstock.scoring.permutations import permutations
from zollstock.scoring.shuffle import ShuffleTest, as_number, tally

_AT_ONCE = 2**20  # places of permutations held at a time


def distances(probabilities: npt.ArrayLike) -> Array:
    """Return the total variation distance of every two steps of one path.

    Parameters
    ----------
    probabilities
        Shape (S, C).

    Returns
    -------
    ndarray
        Shape (S, S); NaN throughout where any number is NaN or infinite.
    """
    vectors = np.asarray(probabilities, dtype=np.float64)
    if not len(vectors):
        return np.empty((0, 0))
    apart = np.array([np.abs(vectors - row).sum(axis=1) / 2 for row in vectors])
    return apart if np.isfinite(apart).all() else np.full(apart.shape, np.nan)


def from_reference(probabilities: npt.NDArray[Any], unedited: npt.NDArray[Any]) -> Array:
    """Return the distance of each step from the unedited picture, (N, S, C), (N, C) → (N, S).

    It is the series that is drawn.
    """
    result = np.empty(probabilities.shape[:2])
    # One at a time: float64 of all would be large.
    for n, (path, reference) in enumerate(zip(probabilities, unedited, strict=True)):
        vectors = path.astype(np.float64)
        result[n] = np.abs(vectors - reference.astype(np.float64)).sum(axis=1) / 2
    return result


def widest_distances(part: Predictions, most: int) -> Array:
    """Return the largest distance between any two compared frames of each path, shape (N,).

    The unedited picture is among them. It is to all classes what max − min is to one, and with
    two classes is that: movement to both sides of the picture adds up.

    Parameters
    ----------
    part
        Of N paths.
    most
        At how many of its steps a path is compared; see `zollstock.profiles.compared_steps`.

    Returns
    -------
    ndarray
        NaN where a number is missing or fewer than two frames are there.
    """
    result = np.full(len(part.images), np.nan)
    for n, path in enumerate(part.probabilities):
        frames = path[np.isfinite(part.axis[n])]
        if len(frames) >= 2:
            frames = frames[compared_steps(len(frames), most)]
            result[n] = distances(
                np.concatenate([frames, part.unedited_probabilities[n, None]])
            ).max()
    return result


def distances_along(parts: Iterable[Predictions], images: Collection[str]) -> dict[str, Array]:
    """Return image id → `distances` of the used steps of its path, for these images only."""
    found = {}
    for part in parts:
        for row, name in enumerate(part.images):
            if name in images:
                used = np.isfinite(part.axis[row])
                found[name] = distances(part.probabilities[row][used])
    return found


def _scores(apart: Array, name: str, orders: Indices) -> Array:
    """Return epgm or paper_grad of a path whose steps stand in the orders (K, S), shape (K,)."""

    def travel(lag: int) -> Array:
        return np.asarray(apart[orders[:, :-lag], orders[:, lag:]].sum(axis=1))

    if name == "epgm":
        return travel(1)
    ends = apart[orders[:, 0], orders[:, 1]] + apart[orders[:, -2], orders[:, -1]]
    inside = travel(2) if orders.shape[1] > 2 else 0.0
    return np.asarray((2 * ends + inside) / (2 * orders.shape[1]))


def _check(name: str) -> None:
    if name not in EXACT:
        raise ZollstockError(
            "statistic",
            repr(name),
            f"one of {', '.join(EXACT)}",
            "Only these are sums of distances between steps.",
        )


def vector_null(apart: Array, statistic: str, num: int = 1000, seed: int = 0) -> Array:
    """Return the scores of the path in K random orders of its steps, shape (K,).

    The orders are those of `zollstock.scoring.shuffle.shuffle_test`. Arguments as in
    `vector_test`.
    """
    _check(statistic)
    steps, number = len(apart), as_number(num)
    found, at_once = np.empty(number), max(1, _AT_ONCE // steps)
    for first in range(0, number, at_once):
        orders = permutations(steps, min(first + at_once, number), seed=seed, start=first)
        found[first : first + at_once] = _scores(apart, statistic, orders)
    return found


def vector_test(apart: Array, statistic: str, num: int = 1000, seed: int = 0) -> ShuffleTest:
    """Return the shuffle test of one path by the distances of its steps.

    Parameters
    ----------
    apart
        Of `distances`, shape (S, S), S >= 2.
    statistic
        ``epgm``, Σ d(i, i + 1), or ``paper_grad``, with d(i - 1, i + 1)/2 inside and d(0, 1) and
        d(S - 2, S - 1) at the ends, by S. Null mean and deviation are exact.
    num, seed
        As in `zollstock.scoring.shuffle.shuffle_test`.

    Returns
    -------
    ShuffleTest
        Of floats; NaN throughout where a distance is.

    Raises
    ------
    ZollstockError
        If the statistic is another, or num or seed is out of range.
    """
    _check(statistic)
    if not np.isfinite(apart).all():
        none = float("nan")
        return ShuffleTest(statistic, none, none, none, none, none, none, as_number(num), seed)
    own = _scores(apart, statistic, np.arange(len(apart))[None])
    null = vector_null(apart, statistic, num, seed)
    b, _, _, _ = tally("centred", np.concatenate([own, null])[None])
    mean, variance = moments_of_distances(apart[None], statistic)
    std = float(np.sqrt(variance[0]))
    score, middle, count = float(own[0]), float(mean[0]), float(b[0])
    p_paper = 1.0 if not apart.any() else count / num
    z = (score - middle) / std if std > 0 else 0.0
    p_value = (count + 1) / (num + 1)
    return ShuffleTest(statistic, score, p_value, p_paper, middle, std, z, int(num), int(seed))


@dataclass(frozen=True)
class ClassEffects:
    """What happens to each class along each path; arrays of shape (n, C).

    Attributes
    ----------
    gradient
        epgm of each class's probability, NaN where a step has none.
    signed
        Last probability less the first.
    """

    gradient: Array
    signed: Array


def class_effects(probabilities: npt.NDArray[Any]) -> ClassEffects:
    """Return the effects of every class, path by path.

    Parameters
    ----------
    probabilities
        Shape (n, S, C), S >= 2.
    """
    signed = probabilities[:, -1].astype(np.float64) - probabilities[:, 0]
    gradient = class_gradients(probabilities)
    signed[np.isnan(gradient)] = np.nan
    return ClassEffects(gradient, signed)


def signature_of_distances(apart: Array, spacings: npt.NDArray[np.int64]) -> Array:
    """Return TV_k of a path by the distances of its steps; see `jitter.signature`, shape (K,)."""
    steps = np.arange(len(apart))
    found = [
        (apart[steps[:-k], steps[k:]].sum() + apart[0, 1:k].sum() + apart[-1, -k:-1].sum()) / k
        for k in spacings
    ]
    return np.array(found)


CLASS_COLUMNS = ("image", "replicate", "class", "gradient", "signed")


def table_of_classes(
    images: list[tuple[str, int]], classes: tuple[str, ...], effects: ClassEffects
) -> pd.DataFrame:
    """Return a row per path and class with the columns of `CLASS_COLUMNS`.

    Parameters
    ----------
    images
        Image id and replicate of each of the n paths.
    classes
        Names, length C.
    effects
        Of these.
    """
    number = len(classes)
    names, replicates = zip(*images, strict=True) if images else ((), ())
    return pd.DataFrame(
        {
            "image": np.repeat(np.array(names, dtype=object), number),
            "replicate": np.repeat(np.array(replicates, dtype=np.int64), number),
            "class": np.tile(np.array(classes, dtype=object), len(images)),
            "gradient": effects.gradient.reshape(-1),
            "signed": effects.signed.reshape(-1),
        }
    )


def headline_of_classes(tables: Iterator[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean effects of each class over all paths, the largest first.

    Parameters
    ----------
    tables
        Of `table_of_classes` with the columns property and model, in parts: only the sums are
        held, so that many classes of many images may come.

    Returns
    -------
    DataFrame
        A row per property, model and class with the columns paths (those with a gradient,
        replicates included), gradient, signed (means over these) and share (of the
        class in the sum of the mean gradients of all).
    """
    key = ["property", "model", "class"]
    effects = ["gradient", "signed"]
    total: pd.DataFrame | None = None
    for table in tables:
        known = table[table["gradient"].notna()]
        groups = known.groupby(key, sort=False, observed=True)
        part = groups[effects].sum().assign(paths=groups.size())
        total = part if total is None else total.add(part, fill_value=0)
    if total is None:
        return pd.DataFrame(columns=[*key, "paths", *effects, "share"])
    total["paths"] = total["paths"].astype(int)
    for name in effects:
        total[name] /= total["paths"]
    table = total.reset_index()
    whole = table.groupby(["property", "model"])["gradient"].transform("sum")
    table["share"] = table["gradient"] / whole.where(whole > 0)
    order = ["property", "model", "gradient", "class"]
    table = table.sort_values(order, ascending=[True, True, False, True], ignore_index=True)
    return table[[*key, "paths", *effects, "share"]]
