"""How the circuit of a property changes by a repair: which units carry how much of it.

A repaired network has the places of the one it was, and its weights are where training took them
from there, so that a unit is compared with itself.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from zollstock.ranks import spearman
from zollstock.repair.tables import OF_CIRCUITS

_UNIT = ["property", "layer", "kind", "unit"]


class Traced(NamedTuple):
    """Tables of the stage `trace`, of one model.

    Attributes
    ----------
    units, cuts
        See `zollstock.trace.tables.TABLES`.
    """

    units: pd.DataFrame
    cuts: pd.DataFrame


def moves_of(cuts: pd.DataFrame) -> dict[str, float]:
    """Return property → mean over images of |p(end) − p(start)|."""
    paths = cuts.drop_duplicates(["property", "image"])
    means = paths["change"].abs().groupby(paths["property"], sort=False).mean()
    return {str(name): float(value) for name, value in means.items()}


def compare_units(
    before: Traced, after: Traced, facts: Mapping[str, Any], alpha: float
) -> pd.DataFrame:
    """Return a row a unit and property, with what the unit carries before and after.

    What it carries is its share times the mean change of the output along the property: shares
    alone say nothing of how much there is to share.

    Parameters
    ----------
    before, after
        Of the model that it was, and of the repaired one.
    facts
        ``base``, ``method``, ``seed`` and ``model``.
    alpha
        Of q: units below it are of the circuit.

    Returns
    -------
    DataFrame
        Columns of `zollstock.repair.tables.OF_CIRCUITS`; ``change`` is `kept`, `gained` or `lost`,
        and empty of units that are of neither circuit.
    """
    sides = []
    for name, traced in (("before", before), ("after", after)):
        moves = traced.units["property"].map(moves_of(traced.cuts)).astype(float)
        carried = traced.units["share"].astype(float) * moves
        sides.append(traced.units[_UNIT].assign(**{name: carried, f"{name}_q": traced.units["q"]}))
    both = sides[0].merge(sides[1], on=_UNIT, how="inner")
    one, other = ((both[f"{name}_q"] <= alpha) for name in ("before", "after"))
    change = np.select([one & other, other, one], ["kept", "gained", "lost"], "")
    return both.assign(change=change, **facts)[list(OF_CIRCUITS["units"])]


def summarise_units(
    table: pd.DataFrame, moves: Mapping[str, tuple[Mapping[str, float], Mapping[str, float]]]
) -> pd.DataFrame:
    """Return a row a repaired model and property.

    Parameters
    ----------
    table
        Of `compare_units`, of all repaired models.
    moves
        Repaired model → `moves_of` before and after.

    Returns
    -------
    DataFrame
        Columns of `zollstock.repair.tables.OF_CIRCUITS`. ``before`` and ``after``: the mean change
        of the output. ``kept``, ``gained`` and ``lost``: numbers of units. ``in_kept``: of what the
        circuit's units carry after the repair, the share of those that were in it before; NaN
        without any. ``likeness``: Spearman's ρ of what all units carry before and after.
    """
    rows = []
    keys = ["base", "method", "seed", "model", "property"]
    for key, mine in table.groupby(keys, sort=False):
        told = dict(zip(keys, key, strict=True))
        one, other = (each[str(told["property"])] for each in moves[str(told["model"])])
        count = {name: int((mine["change"] == name).sum()) for name in ("kept", "gained", "lost")}
        carried = mine["after"].abs()
        whole = carried[mine["change"].isin(["kept", "gained"])].sum()
        rows.append(
            told
            | count
            | {
                "before": one,
                "after": other,
                "units_before": count["kept"] + count["lost"],
                "units_after": count["kept"] + count["gained"],
                "in_kept": carried[mine["change"] == "kept"].sum() / whole if whole > 0 else np.nan,
                "likeness": _likeness(mine["before"], mine["after"]),
            }
        )
    return pd.DataFrame(rows, columns=list(OF_CIRCUITS["circuits"]))


def _likeness(before: "pd.Series[float]", after: "pd.Series[float]") -> float:
    known = before.notna() & after.notna()
    return float(spearman(before[known].to_numpy(), after[known].to_numpy()))
