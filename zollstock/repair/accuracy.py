"""What a repair costs: accuracy on each split, of groups, and paired with other models'."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.arrays import Flags
from zollstock.repair.measuring import accuracies
from zollstock.repair.tables import TABLES

Z = 1.959964
"""Of a two-sided interval of 95 % of the normal distribution."""


def wilson(right: Flags) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927), from what is right of each, (N,)."""
    count, share = len(right), float(np.mean(right))
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * np.sqrt(share * (1 - share) / count + (Z / (2 * count)) ** 2)
    return middle - float(half), middle + float(half)


def paired(right: Flags, other: Flags) -> tuple[float, float, float]:
    """Return the mean of right − other over the same pictures, (N,) each, and its 95 % interval.

    With b pictures that only the first gets right and c that only the other does: the interval is
    Wald's with half a picture added to each of the four cells, so n' = n + 2,
    (b − c)/n' ± z/n' · √(b + c + 1 − (b − c)²/n') (Agresti & Min 2005, "Simple improved confidence
    intervals for comparing matched proportions"). Models that err on the same pictures are told
    apart by few; two that never differ on 50 pictures may still differ by three in a hundred, which
    Wald's own interval, of no width, denies.
    """
    apart = np.asarray(right, float) - np.asarray(other, float)
    count, more, differ = len(apart) + 2, float(apart.sum()), float(np.abs(apart).sum())
    middle = more / count
    half = Z / count * float(np.sqrt(differ + 1 - more**2 / count))
    return float(apart.mean()), max(middle - half, -1.0), min(middle + half, 1.0)


def of_split(
    split: str,
    logits: Mapping[str, npt.NDArray[np.floating]],
    labels: Mapping[str, npt.NDArray[np.integer]],
    groups: npt.NDArray[np.integer] | None,
    facts: Mapping[str, Mapping[str, Any]],
) -> pd.DataFrame:
    """Return a row a model, those of the study and repaired ones, on the same pictures.

    Parameters
    ----------
    split
        Its name.
    logits, labels
        Model → (N, C), and → (N,).
    groups
        What each picture shows, (N,); None where that is not known.
    facts
        Repaired model → ``base``, ``method`` and ``seed``.

    Returns
    -------
    DataFrame
        Columns of `zollstock.repair.tables.TABLES`. ``change`` is to the model it was, ``to_best``
        to that of the study's own models which is most accurate on the split, both paired.
    """
    right: dict[str, Flags] = {
        name: np.asarray(found.argmax(1) == labels[name]) for name, found in logits.items()
    }
    own = [name for name in logits if name not in facts]
    best = max(own, key=lambda name: float(right[name].mean()))
    rows = []
    for name, found in logits.items():
        told = accuracies(found, labels[name], groups)
        low, high = wilson(right[name])
        row = {"model": name, "split": split, "n": len(labels[name]), "low": low, "high": high}
        row |= told | {"best": best} | dict(facts.get(name, {"base": name, "method": ""}))
        if groups is not None:
            row["groups"] = len({*zip(labels[name].tolist(), groups.tolist(), strict=True)})
        pairs = {"to_best": best} | ({"change": facts[name]["base"]} if name in facts else {})
        for key, other in pairs.items():
            # A model is not compared with itself.
            apart = (0.0,) * 3 if other == name else paired(right[name], right[other])
            for end, value in zip(("", "_low", "_high"), apart, strict=True):
                row[f"{key}{end}"] = value
        rows.append(row)
    return pd.DataFrame(rows, columns=list(TABLES["accuracy"]))
