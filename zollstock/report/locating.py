"""What the page says of where decisions come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zollstock.figures.registry import OF_LOCATE
from zollstock.locate.names import RANDOM
from zollstock.report.pictures import Album, pictures_of_stage


@dataclass(frozen=True)
class Where:
    """What the stage `locate` found.

    Attributes
    ----------
    judged, ranking, flips
        Its tables.
    """

    judged: pd.DataFrame
    ranking: pd.DataFrame
    flips: pd.DataFrame


def located(
    where: Where | None, album: Album, folder: Path, titles: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return what the template needs; None where the study did not locate.

    Parameters
    ----------
    where
        The tables.
    album, folder
        Where pictures are taken from.
    titles
        Property → its title.
    """
    if where is None:
        return None
    pages_last = sorted(OF_LOCATE, key=lambda figure: figure.pages)
    return {
        "images": int(where.judged["image"].nunique()),
        "figures": pictures_of_stage(album, folder, pages_last),
        "rows": _rows(where.ranking, titles),
        "heads": _heads(where.ranking, titles),
        "flips": foretold(where.flips),
        "incomplete": _largest(where.judged, "incomplete"),
    }


_MEASURES = {
    "truth": "agreement with exact parts,",
    "mass": "share on the property,",
    "srg": "SRG, fill",
}
"""In the order of columns."""


def _columns(ranking: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return measure, fill and property of the table's columns."""
    kept = ranking[ranking["measure"].isin(_MEASURES)]
    keys = kept[["measure", "fill", "property"]].fillna("")
    order = {name: place for place, name in enumerate(_MEASURES)}
    found = dict.fromkeys(keys.itertuples(index=False, name=None))
    return sorted(found, key=lambda key: order[key[0]])


def _heads(ranking: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    found = []
    for measure, fill, prop in _columns(ranking):
        words = [_MEASURES[measure], fill, titles.get(prop, prop)]
        found.append(" ".join(filter(None, words)))
    return found


def _rows(ranking: pd.DataFrame, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a row a method, the random map last."""
    table = ranking.fillna({"fill": "", "property": ""})
    table = table.set_index(["method", "measure", "fill", "property"])[["mean", "low", "high"]]
    first = {key[0] for key in _columns(ranking)[:1]}
    best_first = pd.concat([ranking[ranking["measure"].isin(first)], ranking])
    names: Sequence[str] = list(dict.fromkeys(best_first["method"]))
    ordered = [name for name in names if name != RANDOM] + [RANDOM] * (RANDOM in names)
    rows = []
    for name in ordered:
        cells = []
        for key in _columns(ranking):
            at = (name, *key)
            cells.append(tuple(table.loc[at]) if at in table.index else None)
        rows.append({"method": name, "cells": cells})
    return rows


_TOGETHER = {"all": "all together", "within": "all, each on its own"}


def foretold(flips: pd.DataFrame) -> dict[str, Any]:
    """Return the table of who foretells changed decisions: a row a predictor, a column a model.

    Parameters
    ----------
    flips
        Of `zollstock.locate.ranking.compare_flips`.
    """
    models = list(dict.fromkeys(flips["model"]))
    predictors = list(dict.fromkeys(flips["predictor"]))
    cells = {(row["predictor"], row["model"]): row for row in flips.to_dict("records")}
    most = flips.sort_values("n", kind="stable").groupby("model").last()
    heads = [
        {
            "name": _TOGETHER.get(model, model),
            "flips": int(most.loc[model, "flips"]),
            "n": int(most.loc[model, "n"]),
            "majority": float(most.loc[model, "majority"]),
        }
        for model in models
    ]
    rows = [
        {"name": name, "cells": [cells.get((name, model)) for model in models]}
        for name in predictors
    ]
    return {"heads": heads, "rows": rows}


def _largest(judged: pd.DataFrame, measure: str) -> float:
    """Return the largest value of a measure; NaN where there is none."""
    values = judged.loc[judged["measure"] == measure, "value"].to_numpy(np.float64)
    values = values[np.isfinite(values)]
    return float(values.max()) if len(values) else float("nan")
