"""The score table: one row per image and statistic.

A path may use fewer steps than its store has room for: the axis is NaN at the unused ones.
A path without any used step has failed; it keeps its rows, but they hold no score.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.arrays import Array, Flags, Indices
from zollstock.closed import too_wide
from zollstock.errors import ZollstockError
from zollstock.inference.predictions import Predictions
from zollstock.scoring.effects import (
    gradient_magnitude,
    tv_ratio,
    value_range,
    vector_gradient,
)
from zollstock.scoring.follow import follow, log_odds_along
from zollstock.scoring.moments import EXACT
from zollstock.scoring.outputs import Output, Spelled, parse_output
from zollstock.scoring.series import Series, as_batch
from zollstock.scoring.shuffle import shuffle_test
from zollstock.scoring.statistics import direction, get_statistic, prediction_flips
from zollstock.scoring.vector import (
    ClassEffects,
    class_effects,
    distances,
    vector_test,
)

_TESTED = ("score", "p_value", "p_paper", "z", "null_mean", "null_std")
_WHOLE = (
    "gradient",
    "direction",
    "range",
    "tv_ratio",
    "vector",
    "log_odds",
    "probability_min",
    "probability_max",
)


def used_steps(predictions: Predictions) -> Flags:
    """Return which steps each path uses: those with a finite axis, shape (N, S)."""
    return np.isfinite(predictions.axis)


def check_period(predictions: Predictions, period: float, where: str) -> None:
    """Check that no axis goes round more than once.

    Parameters
    ----------
    predictions
        Of one model along one property.
    period
        Of the property's axis.
    where
        The property, for the message.

    Raises
    ------
    ZollstockError
        Naming the first path that does.
    """
    used = used_steps(predictions)
    for image, axis, here in zip(predictions.images, predictions.axis, used, strict=True):
        values = axis[here]
        if len(values) and too_wide(float(values[0]), float(values[-1]), period):
            raise ZollstockError(
                where,
                f"has the period {period:g}, but the axis of '{image}' runs from {values[0]:g} to "
                f"{values[-1]:g}",
                "an axis of one period at most",
                "Correct the property's period, or leave frames out of its series.",
            )


def _equally_long(values: Array, predictions: Predictions) -> Iterator[tuple[Indices, Series]]:
    """Yield (rows, series) of all paths with one number of used steps; failed ones not at all.

    Raises
    ------
    ZollstockError
        If an axis turns or repeats a value.
    """
    used = used_steps(predictions)
    counts = used.sum(axis=1)
    for count in np.unique(counts[counts > 0]):
        rows = np.flatnonzero(counts == count)
        p, axis = (
            array[rows][used[rows]].reshape(len(rows), -1) for array in (values, predictions.axis)
        )
        names = [f"image '{predictions.images[row]}'" for row in rows]
        yield rows, Series.of(p, axis, min_steps=1, names=names)


def score_predictions(
    predictions: Predictions,
    *,
    labels: Mapping[str, str],
    statistics: Sequence[str],
    output: Spelled | Output,
    permutations: int,
    seed: int,
    owners: Mapping[str, int] | None = None,
    effects: ClassEffects | None = None,
    closed: bool = False,
) -> pd.DataFrame:
    """Score every path of one model along one property.

    Parameters
    ----------
    predictions
        Of N images.
    labels
        Image id → true class.
    statistics
        Names of statistics; see `zollstock.scoring.statistics`.
    output
        What is followed; see `zollstock.scoring.outputs.Output`.
    permutations
        K of the shuffle test.
    seed
        Seed of the permutations.
    owners
        Image id → class that is followed; see `zollstock.scoring.follow.follow`.
    effects
        Of `effects_of_classes`, where they are at hand; only ``vector`` needs them.
    closed
        Whether the axis closes on itself: then no frame is the last, and direction and tv_ratio
        are NaN.

    Returns
    -------
    DataFrame
        N rows per statistic with the columns image, replicate, label, output, statistic, score,
        p_value, p_paper, z, null_mean, null_std, permutations, steps, gradient,
        direction, range, tv_ratio, vector, log_odds, flips, probability_unedited,
        probability_min, probability_max; from ``gradient`` (epgm) on they do not depend on the
        statistic and are those of `zollstock.scoring.effects`. ``steps`` is the number of used
        steps. The numbers of the test are NaN where a path has failed, has too few steps
        for the statistic, or has a used step without a probability. A failed path has 0 steps
        and nothing but NaN; its output is missing too if that is ``predicted``. ``output`` is
        what is followed on the image (`Output.of`), ``log_odds`` NaN where it has no odds.

        With the output ``vector`` epgm and paper_grad are those of `zollstock.scoring.vector`,
        gradient half the sum over all classes, and everything else is that of the
        distance from the unedited picture.

    Raises
    ------
    ZollstockError
        If the model lacks the output, the stored paths are too short for the first statistic,
        or an axis turns or repeats a value.
    """
    output = parse_output(output)
    every = output.kind == "vector"
    followed = follow([predictions], output, owners, labels=labels)
    chosen, series = followed.chosen, followed.series
    odds = log_odds_along(predictions, followed, output)
    count = len(series)
    # Single paths may be too short; if all are, the headline statistic says so as an error.
    as_batch(series, get_statistic(statistics[0]).min_steps)
    steps = used_steps(predictions).sum(axis=1)
    _, flips = prediction_flips(predictions.probabilities)
    tested = {name: {column: np.full(count, np.nan) for column in _TESTED} for name in statistics}
    whole = {name: np.full(count, np.nan) for name in _WHOLE}
    for rows, p in _equally_long(series, predictions):
        vectors = predictions.probabilities[rows][used_steps(predictions)[rows]]
        vectors = vectors.reshape(*p.p.shape, -1)
        apart = [distances(path) for path in vectors] if every else None
        for name, columns in tested.items():
            if p.steps < get_statistic(name).min_steps:
                continue
            for column, values in _test(p, apart, name, permutations, seed).items():
                columns[column][rows] = values
        whole["probability_min"][rows] = p.p.min(axis=1)
        whole["probability_max"][rows] = p.p.max(axis=1)
        if p.steps < 2:  # a single step has no change
            continue
        whole["gradient"][rows] = gradient_magnitude(p)
        whole["direction"][rows] = direction(p)
        whole["range"][rows] = value_range(p)
        whole["tv_ratio"][rows] = tv_ratio(p)
        whole["vector"][rows] = vector_gradient(vectors)
        along = odds[rows, :-1][used_steps(predictions)[rows]].reshape(p.p.shape)
        along = np.column_stack([along, odds[rows, -1]])
        whole["log_odds"][rows] = along.max(axis=1) - along.min(axis=1)
    if every:
        effects = effects or effects_of_classes(predictions, closed=closed)
        whole |= _of_all_classes(effects, whole["direction"], chosen)
    if closed:
        whole |= {name: np.full(count, np.nan) for name in ("direction", "tv_ratio")}
    unedited: npt.NDArray[Any] = followed.unedited
    if output.kind != "contrast":
        unedited = predictions.unedited_probabilities[np.arange(count), chosen]
    # A column of its own kind: whole numbers, or nothing where no frame was seen.
    flipped = pd.array(flips, dtype="Int64")
    flipped[steps == 0] = pd.NA
    lowest, highest = whole.pop("probability_min"), whole.pop("probability_max")
    tables = [
        pd.DataFrame(
            {
                "image": predictions.images,
                "replicate": predictions.draws,
                "label": [labels[image] for image in predictions.images],
                "output": [_output(predictions, output, index) for index in chosen],
                "statistic": name,
                **columns,
                "permutations": permutations,
                "steps": steps,
                **whole,
                "flips": flipped,
                "probability_unedited": np.where(chosen >= 0, unedited, np.nan),
                "probability_min": lowest,
                "probability_max": highest,
            }
        )
        for name, columns in tested.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _output(predictions: Predictions, output: Output, chosen: int) -> str | None:
    return output.of(predictions.classes[chosen]) if chosen >= 0 else None


def _test(
    p: Series, apart: list[Array] | None, name: str, permutations: int, seed: int
) -> dict[str, Array]:
    """Return the columns of the shuffle test, of distances where there are any."""
    if apart is None or name not in EXACT:
        test = shuffle_test(p, name, permutations, seed)
        return {column: getattr(test, column) for column in _TESTED}
    # A series without numbers has no score, whichever of its classes lacks them.
    known = np.isfinite(p.p).all(axis=1)
    tests = [
        vector_test(one if usable else np.full_like(one, np.nan), name, permutations, seed)
        for one, usable in zip(apart, known, strict=True)
    ]
    return {column: np.array([getattr(test, column) for test in tests]) for column in _TESTED}


def effects_of_classes(predictions: Predictions, *, closed: bool = False) -> ClassEffects:
    """Return what happens to each class along each path, arrays (N, C); NaN for failed paths.

    On an axis that is `closed` nothing has a sign.
    """
    count, classes = len(predictions.images), len(predictions.classes)
    names = [field.name for field in fields(ClassEffects)]
    found = {name: np.full((count, classes), np.nan) for name in names}
    flat = np.zeros(predictions.axis.shape)
    for rows, p in _equally_long(flat, predictions):
        if p.steps < 2:
            continue
        vectors = predictions.probabilities[rows][used_steps(predictions)[rows]]
        effects = class_effects(vectors.reshape(len(rows), p.steps, -1))
        for name in names:
            found[name][rows] = getattr(effects, name)
    if closed:
        found["signed"][:] = np.nan
    return ClassEffects(**found)


def _of_all_classes(effects: ClassEffects, direction: Array, chosen: Indices) -> dict[str, Array]:
    """Return the columns that are sums over classes; NaN where no class is predicted."""
    total = np.where(chosen >= 0, effects.gradient.sum(axis=1) / 2, np.nan)
    ratio = np.divide(direction, total, out=np.full(len(total), np.nan), where=total > 0)
    return {"gradient": total, "tv_ratio": np.minimum(ratio, 1)}  # rounding


def with_flags(table: pd.DataFrame, ledgers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a score table with the column ``flags`` of the edit ledger behind the label.

    Parameters
    ----------
    table
        With the columns property, image, replicate and label.
    ledgers
        Property → verdicts with the columns image, replicate and flags; see `zollstock.ledger`.

    Raises
    ------
    ZollstockError
        If a path has no verdict, as in a ledger that was cut off.
    """
    flags = {
        (name, image, replicate): text
        for name, verdicts in ledgers.items()
        for image, replicate, text in zip(
            verdicts["image"], verdicts["replicate"], verdicts["flags"], strict=True
        )
    }
    columns = (table["property"], table["image"], table["replicate"])
    paths = list(zip(*columns, strict=True))
    for name, image, replicate in paths:
        if (name, image, replicate) not in flags:
            raise ZollstockError(
                f"ledger of {name}",
                f"has no verdict on {image}, replicate {replicate}",
                "one for every path",
                "Run again with --forcerun measure_edits.",
            )
    found = [flags[path] for path in paths]
    table = table.copy()
    table.insert(list(table.columns).index("label") + 1, "flags", found)
    return table
