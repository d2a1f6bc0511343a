"""What the page says of the units and connections through which properties act."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zollstock.figures.registry import OF_TRACE
from zollstock.report.pictures import Album, pictures_of_stage

_TOLD = 0.1
"""The share of all units whose removal the table tells, or the nearest one that was asked for."""


@dataclass(frozen=True)
class How:
    """What the stage `trace` found.

    Attributes
    ----------
    mediation, accuracy, graphs, effects
        Its tables; empty where nothing was asked.
    """

    mediation: pd.DataFrame
    accuracy: pd.DataFrame
    graphs: pd.DataFrame
    effects: pd.DataFrame = field(default_factory=pd.DataFrame)


def traced(
    how: How | None, album: Album, folder: Path, titles: Mapping[str, str], summary: pd.DataFrame
) -> dict[str, Any] | None:
    """Return what the template needs; None where the study did not trace.

    Parameters
    ----------
    how
        The tables.
    album, folder
        Where pictures are taken from.
    titles
        Property → its title.
    summary
        The headline table: whether a property matters at all is the score's test.
    """
    if how is None:
        return None
    figures = pictures_of_stage(album, folder, OF_TRACE)
    return {
        "figures": figures,
        "rows": _rows(how, titles, summary),
        "graphs": how.graphs.to_dict("records"),
        "effects": _of_all_classes(how.effects),
        "of": str(how.mediation["of"].iloc[0]) if len(how.mediation) else "units",
    }


def _of_all_classes(effects: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row a model: what the graphs of all its classes do, or of the only one."""
    if effects.empty:
        return []
    # Such rows have no name of a class, which an empty cell is read as.
    names = effects["class"].fillna("")
    return [
        mine.sort_values("class", key=lambda column: column != "", kind="stable").iloc[0].to_dict()
        | {"classes": max(1, int((mine["class"] != "").sum()))}
        for _, mine in effects.assign(**{"class": names}).groupby("model", sort=False)
    ]


def _rows(how: How, titles: Mapping[str, str], summary: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row a property and model: what the set nearest to a tenth does."""
    found = []
    q_of = summary.set_index(["property", "model"])["q_bh"].to_dict()
    for (prop, model), mine in how.mediation.groupby(["property", "model"], sort=False):
        place = (np.log(mine["size"]) - np.log(_TOLD)).abs().idxmin()
        row = mine.loc[place].to_dict()
        known = how.accuracy
        there = known[(known["property"] == prop) & (known["model"] == model)]
        found.append(
            row
            | {
                "title": titles.get(str(prop), str(prop)),
                "q_score": q_of.get((prop, model), np.nan),
                "accuracy": there.iloc[0].to_dict() if len(there) else None,
            }
        )
    return found
