"""From judged combinations to a table: which parts make a good method."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from zollstock.significance.intervals import hierarchical_bootstrap

PARTS = ("segments", "samples", "fill", "attribute", "per")
"""Columns that say which combination a row is of."""
MEASURES = ("lif", "mif", "srg")
COLUMNS = ("model", "image", *PARTS, "number", "repetition", "evaluated", "property", *MEASURES)
ALL = "all"
"""The model of rows over all models."""


def table_of_combinations(model: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a row per combination, image and evaluation fill.

    Parameters
    ----------
    model
        Its name.
    rows
        Of `zollstock.locate.combinations.judge_combinations`. A combination whose map has no
        value has one row without any.
    """
    found = []
    for row in rows:
        parts = {key: row[key] for key in (*PARTS, "image", "number", "repetition")}
        if row["of"]:
            parts["fill"] = f"{row['fill']} {row['of']}"
        for one in row["found"] or [{"fill": "", "property": ""}]:
            found.append(
                {
                    "model": model,
                    **parts,
                    "evaluated": one["fill"],
                    "property": one["property"],
                    **{key: float(one.get(key, np.nan)) for key in MEASURES},
                }
            )
    return pd.DataFrame(found, columns=list(COLUMNS))


def stand_combinations(judged: pd.DataFrame, *seed: object) -> pd.DataFrame:
    """Return means over images of every combination, the best of each fill and model first.

    ``number`` is the mean number of samples, n the number of values. Intervals are 95 % bootstrap
    intervals over images; repetitions and, of all models, models are an image's replicates.

    Returns
    -------
    DataFrame
        segments, samples, number, fill, attribute, per, model, evaluated (the fill of the curves),
        property (whose path's last frame that fill is), n, lif, mif, srg, low, high.
    """
    names = list(dict.fromkeys(judged["model"]))
    sets = [(ALL, judged)] if len(names) > 1 else []
    sets += [(name, judged[judged["model"] == name]) for name in names]
    pairs = judged[["evaluated", "property"]].drop_duplicates()
    pairs = pairs[pairs["evaluated"] != ""]
    rows = []
    for model, part in sets:
        for key, group in part.groupby(list(PARTS), sort=False):
            for fill, prop in pairs.itertuples(index=False):
                mine = group[(group["evaluated"] == fill) & (group["property"] == prop)]
                told = dict(zip(PARTS, key, strict=True))
                told |= {"model": model, "number": group["number"].mean()}
                rows.append({**told, "evaluated": fill, "property": prop, **_means(mine, *seed)})
    columns = ["segments", "samples", "number", "fill", "attribute", "per", "model"]
    columns += ["evaluated", "property", "n", *MEASURES, "low", "high"]
    table = pd.DataFrame(rows, columns=columns)
    order = {pair: place for place, pair in enumerate(pairs.itertuples(index=False, name=None))}
    where = zip(table["evaluated"], table["property"], strict=True)
    models = {name: place for place, (name, _) in enumerate(sets)}
    return (
        table.assign(
            _model=table["model"].map(models), _fill=[order[p] for p in where], _by=-table["srg"]
        )
        .sort_values(["_model", "_fill", "_by"], kind="stable")
        .drop(columns=["_model", "_fill", "_by"])
        .reset_index(drop=True)
    )


def _means(rows: pd.DataFrame, *seed: object) -> dict[str, float]:
    srg, images = rows["srg"].to_numpy(np.float64), rows["image"].to_numpy(str)
    low, high = hierarchical_bootstrap(srg, images, *seed)
    by_image = rows.groupby("image")[list(MEASURES)].mean().mean()
    told = {key: float(by_image[key]) for key in MEASURES}
    # Rows of one curve alone have no SRG, but values.
    count = int(rows[list(MEASURES)].notna().any(axis=1).sum())
    return {"n": count, **told, "low": float(low), "high": float(high)}
