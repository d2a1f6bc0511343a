"""Scores of every property before and after a repair."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from zollstock.repair.tables import TABLES


def before_and_after(
    summary: pd.DataFrame,
    facts: Mapping[str, Mapping[str, Any]],
    against: Collection[str],
    penalised: Mapping[str, Collection[str]],
    alpha: float,
) -> pd.DataFrame:
    """Return a row a property and repaired model, with the score of the model it was.

    Parameters
    ----------
    summary
        Of `zollstock.significance.summary.summarise`, of both kinds of models together: q is
        adjusted over all of its rows.
    facts
        Repaired model → ``base``, ``method`` and ``seed``.
    against
        The properties that should matter no longer.
    penalised
        Repaired model → those of them that it was trained against.
    alpha
        Level of q.

    Returns
    -------
    DataFrame
        Columns of `zollstock.repair.tables.TABLES`. ``lowered``: 1 − after/before, NaN where the
        score was 0. ``newly``: whether q is at most alpha and was not before, which says that the
        model leans on the property now, as far as the placebo test sees it.
    """
    rows = []
    for prop, mine in summary.groupby("property", sort=False):
        found = mine.set_index("model")
        for model, told in facts.items():
            before, after = found.loc[told["base"]], found.loc[model]
            rows.append(
                {
                    "property": prop,
                    "title": after["title"],
                    "placebo": after["placebo"],
                    "against": prop in against,
                    "penalised": prop in penalised[model],
                    "model": model,
                    "images": after["images"] - after["failed"],
                    "before": before["score"],
                    "before_low": before["low"],
                    "before_high": before["high"],
                    "before_q": before["q_bh"],
                    "after": after["score"],
                    "low": after["low"],
                    "high": after["high"],
                    "q": after["q_bh"],
                    "lowered": 1 - after["score"] / before["score"]
                    if before["score"] > 0
                    else float("nan"),
                    "newly": bool(after["q_bh"] <= alpha and not before["q_bh"] <= alpha),
                    **told,
                }
            )
    return pd.DataFrame(rows, columns=list(TABLES["repairs"]))
