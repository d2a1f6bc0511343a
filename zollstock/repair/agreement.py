"""How well maps agree with what people looked at, in the two numbers that ixai reports."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.ranks import spearman

CEILING = 0.65753
"""Spearman's correlation of people's maps with each other on ClickMe, as ixai has it."""

Maps = npt.NDArray[Any] | Sequence[npt.NDArray[Any]]


def spearman_over_ceiling(maps: Maps, wanted: Maps, ceiling: float = CEILING) -> Array:
    """Return Spearman's correlation of each pair of maps over the human ceiling, (N,).

    Parameters
    ----------
    maps, wanted
        (N, H, W); NaN of a pair whose either map is constant.
    ceiling
        What people reach among themselves; 1 leaves the correlation as it is.

    Raises
    ------
    ZollstockError
        If shapes differ, or the ceiling is none.
    """
    if not 0 < ceiling <= 1:
        raise ZollstockError("ceiling", f"is {ceiling}", "above 0, at most 1", "Correct it.")
    return np.array([spearman(a.ravel(), b.ravel()) / ceiling for a, b in _pairs(maps, wanted)])


def z_scored_error(maps: Maps, wanted: Maps) -> Array:
    """Return the mean squared difference of each pair of maps that are z-scored over pixels, (N,).

    Each is less its mean and over its (population) deviation, so that the error is 2 − 2 r with
    Pearson's r: 0 of equal maps, 2 of unrelated ones. NaN where either is constant.

    Parameters
    ----------
    maps, wanted
        (N, H, W).

    Raises
    ------
    ZollstockError
        If shapes differ.
    """
    return np.array([np.mean((_z_scored(a) - _z_scored(b)) ** 2) for a, b in _pairs(maps, wanted)])


def before_and_after(
    before: Maps, after: Maps, wanted: Maps, ceiling: float
) -> dict[str, float | int]:
    """Return the mean agreement of explanations with people's maps, before and after a repair.

    Parameters
    ----------
    before, after, wanted
        (N, H, W).
    ceiling
        See `spearman_over_ceiling`.

    Returns
    -------
    dict
        ``before_spearman``, ``spearman``, ``before_error`` and ``error``, means over the ``n``
        pictures of which all four are numbers: a constant explanation agrees with nothing.
    """
    each = {
        f"{when}{name}": values
        for when, maps in (("before_", before), ("", after))
        for name, values in (
            ("spearman", spearman_over_ceiling(maps, wanted, ceiling)),
            ("error", z_scored_error(maps, wanted)),
        )
    }
    there = np.all([np.isfinite(values) for values in each.values()], axis=0)
    means = {
        key: float(values[there].mean()) if there.any() else float("nan")
        for key, values in each.items()
    }
    return {"n": int(there.sum()), **means}


def _z_scored(values: Array) -> Array:
    if not np.ptp(values):
        return np.full_like(values, np.nan)
    return (values - values.mean()) / values.std()


def _pairs(maps: Maps, wanted: Maps) -> list[tuple[Array, Array]]:
    pairs = list(zip(maps, wanted, strict=False))
    if len(maps) != len(wanted) or any(a.shape != b.shape for a, b in pairs):
        shapes = [np.shape(one[0]) if len(one) else () for one in (maps, wanted)]
        raise ZollstockError(
            "maps",
            f"are {len(maps)} of shape {shapes[0]} beside {len(wanted)} of shape {shapes[1]}",
            "as many, of equal shapes",
            "Resize one.",
        )
    return [(np.asarray(a, np.float64), np.asarray(b, np.float64)) for a, b in pairs]
