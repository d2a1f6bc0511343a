"""Whether a map lies where it should: against a hard or soft mask, (H, W), weights 0 to 1."""

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError

INSIDE = 0.5
"""From this weight on a pixel counts as inside, where only yes and no are asked for."""


def localisation(values: npt.ArrayLike, mask: npt.ArrayLike) -> dict[str, float]:
    """Return all measures of a map by name: see the functions of those names."""
    return {
        "pointing_game": pointing_game(values, mask),
        "mass_inside": mass_inside(values, mask),
        "mass_above_least": mass_above_least(values, mask),
        "iou": iou(values, mask),
        "rank_auc": rank_auc(values, mask),
    }


def pointing_game(values: npt.ArrayLike, mask: npt.ArrayLike) -> float:
    """Return whether the largest value lies inside; of tied ones the share that do.

    NaN where all values are equal, which points nowhere (Zhang et al. 2018).
    """
    signed, weight = _checked(values, mask)
    largest = signed == signed.max()
    if largest.all():
        return float("nan")
    return float((weight[largest] >= INSIDE).mean())


def mass_inside(values: npt.ArrayLike, mask: npt.ArrayLike) -> float:
    """Return Σ w·v⁺ / Σ v⁺, v⁺ the positive part: what speaks for the output, and is inside.

    NaN where nothing is positive.
    """
    signed, weight = _checked(values, mask)
    return _share(np.maximum(signed, 0), weight)


def mass_above_least(values: npt.ArrayLike, mask: npt.ArrayLike) -> float:
    """Return Σ w·(v − min v) / Σ(v − min v).

    So guspih/post-hoc-image-perturbation has it. Of a signed map it gives half of the mass to where
    the map is 0: it tends to the mask's share of the picture, and tells less than `mass_inside`.
    """
    signed, weight = _checked(values, mask)
    return _share(signed - signed.min(), weight)


def iou(values: npt.ArrayLike, mask: npt.ArrayLike) -> float:
    """Return intersection over union of the mask and of as many of the largest values.

    A soft mask has the area Σ w; Σ min(t, w) / Σ max(t, w), where t is 1 for what is taken. Of
    values tied at the limit each is taken by the share that there is room for. NaN for a mask
    without area.
    """
    signed, weight = _checked(values, mask)
    area = weight.sum()
    if not area:
        return float("nan")
    _, place, counts = np.unique(-signed, return_inverse=True, return_counts=True)
    before = np.concatenate([[0], np.cumsum(counts)[:-1]])
    share = np.clip((area - before) / counts, 0, 1)
    taken = share[place.reshape(-1)]
    return float(np.minimum(taken, weight).sum() / np.maximum(taken, weight).sum())


def rank_auc(values: npt.ArrayLike, mask: npt.ArrayLike) -> float:
    """Return the probability that a value inside is above one outside, ties half.

    Pixels count inside by w and outside by 1 − w. NaN where there is no inside or no outside.
    """
    signed, weight = _checked(values, mask)
    inside, outside = weight.sum(), (1 - weight).sum()
    if not inside or not outside:
        return float("nan")
    _, place = np.unique(signed, return_inverse=True)
    place = place.reshape(-1)
    held = np.bincount(place, weight)
    other = np.bincount(place, 1 - weight)
    below = np.cumsum(other) - other
    return float((held * (below + other / 2)).sum() / (inside * outside))


def _share(mass: Array, weight: Array) -> float:
    whole = mass.sum()
    return float((mass * weight).sum() / whole) if whole > 0 else float("nan")


def _checked(values: npt.ArrayLike, mask: npt.ArrayLike) -> tuple[Array, Array]:
    """Return map and mask as flat numbers, without pixels where the map has no value."""
    signed, weight = np.asarray(values, np.float64), np.asarray(mask, np.float64)
    if signed.shape != weight.shape or not signed.size:
        raise ZollstockError(
            "mask",
            f"has shape {weight.shape}, and the map {signed.shape}",
            "one weight a pixel",
            "Bring the mask to the model's input size.",
        )
    if weight.min() < 0 or weight.max() > 1:
        raise ZollstockError(
            "mask",
            f"has weights from {weight.min():g} to {weight.max():g}",
            "0 to 1",
            "Divide it by its largest value.",
        )
    finite = np.isfinite(signed)
    if not finite.any():
        raise ZollstockError("map", "has no value", "numbers", "Leave it out.")
    return signed[finite], weight[finite]
