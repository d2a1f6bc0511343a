"""The paper's table: E|∇|, its test and changed decisions, models in their places."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from zollstock.arrangement import arranged
from zollstock.wording import show, two_digits


def paper_tables(
    paper: pd.DataFrame, arrange: Mapping[str, Any] | None, alpha: float
) -> list[dict[str, Any]]:
    """Return what the template needs: tables of a title, columns, and rows of cells.

    Models that are arranged make a table a property; else models are the rows of one table, and
    properties its columns.

    Parameters
    ----------
    paper
        Of `zollstock.significance.paper.paper_measures`.
    arrange
        See `zollstock.arrangement.arranged`; None where models are not arranged.
    alpha
        Level of q.
    """
    cells = {(row["property"], row["model"]): _cell(row, alpha) for row in paper.to_dict("records")}
    titles = dict(zip(paper["property"], paper["title"], strict=True))
    models = list(dict.fromkeys(paper["model"]))
    if arrange is None:
        rows = [
            {"name": model, "cells": [cells.get((name, model)) for name in titles]}
            for model in models
        ]
        return [{"title": "", "columns": list(titles.values()), "rows": rows}]
    places = arranged(arrange, models)
    return [
        {
            "title": title,
            "columns": places.columns,
            "rows": [
                {"name": row, "cells": [cells.get((name, model)) for model in line]}
                for row, line in zip(places.rows, places.models, strict=True)
            ],
        }
        for name, title in titles.items()
    ]


def _cell(row: Mapping[Any, Any], alpha: float) -> dict[str, Any]:
    """Return one property and model in words."""
    images = int(row["images"])
    return {
        "score": two_digits(row["paper_grad"]),
        "interval": _interval(row, "paper_grad"),
        "epgm": two_digits(row["epgm"]),
        "around": _interval(row, "epgm"),
        "q": show(row["q_bh"], alpha) if np.isfinite(row["q_bh"]) else "not tested",
        "found": bool(row["q_bh"] <= alpha),
        "sure": f"{row['sure']:.0f}/{images}" if np.isfinite(row["sure"]) else "–",
        "flipped": f"{row['flipped']:.0f}/{images}",
    }


def _interval(row: Mapping[Any, Any], name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"[{two_digits(low)}, {two_digits(high)}]" if np.isfinite([low, high]).all() else ""
