"""Whether a number foretells that an intervention changes the decision.

The comparison of the paper (Penzel & Denzler, WACV 2026): a number per image, a threshold, and the
share of images of which it is said rightly whether the predicted class changes. As published, the
threshold is the one that is best on the very images it is judged on. Beside it stand the share
with a threshold that the judged image had no part in, and the area under the ROC curve, which needs
no threshold.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array, Flags
from zollstock.locate.evaluation.intervals import over_images
from zollstock.significance.roc import auc, auc_interval


class Foretold(NamedTuple):
    """How well a number foretells changed decisions.

    Attributes
    ----------
    n, flips
        How many images there are, and on how many the decision changes.
    accuracy
        With the threshold that is best on these images; never below `majority`.
    accuracy_fair
        Each image judged by the threshold that is best on all others. NaN for fewer than two.
    fair_low, fair_high
        Its 95 % bootstrap interval over images.
    majority
        Of saying the more frequent answer every time.
    auc, low, high
        Area under the ROC curve and its 95 % bootstrap interval over images; NaN where all
        decisions change, or none.
    """

    n: int
    flips: int
    accuracy: float
    accuracy_fair: float
    fair_low: float
    fair_high: float
    majority: float
    auc: float
    low: float
    high: float


def best_threshold(values: Array, flipped: Flags) -> tuple[float, float]:
    """Return the threshold with the best accuracy, and that accuracy.

    A change is said of values above the threshold. Of equally good thresholds the middle one is
    taken; it lies halfway between two values, or is infinite where one answer is best for all.

    Parameters
    ----------
    values, flipped
        Shape (n,), n ≥ 1.
    """
    order = np.argsort(values, kind="stable")
    ranked, truth = values[order], flipped[order]
    # Right answers if the k smallest are said not to change.
    right = np.concatenate([[0], np.cumsum(~truth)]) + np.concatenate(
        [np.cumsum(truth[::-1])[::-1], [0]]
    )
    ends = np.concatenate([[-np.inf], ranked, [np.inf]])
    apart = ends[1:] > ends[:-1]  # equal values cannot be told apart
    best = np.flatnonzero(apart & (right == right[apart].max()))
    k = best[len(best) // 2]
    low, high = ends[k], ends[k + 1]
    middle = (low + high) / 2 if np.isfinite(low) and np.isfinite(high) else None
    if middle is None:
        middle = low if np.isneginf(low) else high
    # Halfway between neighbouring floats is one of them: the lower one is not above itself.
    return float(middle if middle < high else low), float(right[k] / len(values))


def foretell(
    values: Array,
    flipped: Flags,
    images: Sequence[str],
    *seed: object,
    strata: Sequence[str] | None = None,
) -> Foretold:
    """Return how well values foretell changed decisions.

    Parameters
    ----------
    values
        A number per row, (n,); rows where it is not finite are left out.
    flipped
        Whether the decision changes, (n,).
    images
        The image of each row. Rows of an image are left out together, and redrawn together.
    *seed
        Names the bootstrap.
    strata
        The group of each row, where only rows of a group are compared: thresholds are then found,
        and frequent answers said, in each group on its own.
    """
    finite = np.isfinite(values)
    values, flipped = values[finite], flipped[finite]
    names = np.asarray(images, dtype=str)[finite]
    groups = np.asarray([""] * len(images) if strata is None else strata, dtype=str)[finite]
    n, flips = len(values), int(flipped.sum())
    if not n:
        return Foretold(0, 0, *[float("nan")] * 8)
    right, best, frequent = np.full(n, np.nan), 0.0, 0
    for group in np.unique(groups):
        inside = groups == group
        mine, truth = values[inside], flipped[inside]
        best += best_threshold(mine, truth)[1] * len(mine)
        frequent += max(int(truth.sum()), int((~truth).sum()))
        right[inside] = _left_out(mine, truth, names[inside])
    known = np.isfinite(right)
    fair = over_images(right, names, "fair", *seed)
    area = auc(values, flipped, groups)
    low, high = auc_interval(values, flipped, names.tolist(), *seed, strata=groups)
    return Foretold(
        n,
        flips,
        best / n,
        float(right[known].mean()) if known.any() else float("nan"),
        fair.low,
        fair.high,
        frequent / n,
        area,
        low,
        high,
    )


def _left_out(values: Array, flipped: Flags, names: npt.NDArray[np.str_]) -> Array:
    """Return 1 of a right answer and 0 of a wrong one, images judged by the others; NaN of one."""
    right = np.full(len(values), np.nan)
    for name in np.unique(names):
        mine = names == name
        if mine.all():
            continue
        threshold, _ = best_threshold(values[~mine], flipped[~mine])
        right[mine] = (values[mine] > threshold) == flipped[mine]
    return right
