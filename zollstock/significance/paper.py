"""What the paper tells of a model and a property, with what it leaves out beside it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from zollstock.significance.intervals import hierarchical_bootstrap

SURE = 0.01
"""Level of the shuffle test in the paper's tables."""
SCORES = ("paper_grad", "epgm")


def paper_measures(
    table: pd.DataFrame,
    summary: pd.DataFrame,
    properties: Mapping[str, Mapping[str, Any]],
    seed: int,
) -> pd.DataFrame:
    r"""Return E|∇|, its shuffle test and changed decisions, and beside them epgm and q.

    Parameters
    ----------
    table
        The score table, all statistics; see `zollstock.scoring.table.score_predictions`.
    summary
        The headline table, which has p and q.
    properties
        Name → ``title``, in the order of the rows.
    seed
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        property, title, model, images (that have a score), paper_grad, paper_grad_low,
        paper_grad_high, epgm, epgm_low, epgm_high (means over images of the mean over replicates,
        with 95 % hierarchical bootstrap intervals; NaN where the statistic is not in the study),
        p, q_bh, sure (images whose E|∇| has p < `SURE` by the shuffle test, of replicates
        the first), flipped (images whose predicted class changes anywhere along the path).
    """
    known = table[table["score"].notna()]
    tests = summary.set_index(["property", "model"])[["p", "q_bh"]]
    rows = []
    for name, facts in properties.items():
        for model in table.loc[table["property"] == name, "model"].unique():
            here = known[(known["property"] == name) & (known["model"] == model)]
            row: dict[str, Any] = {"property": name, "title": facts["title"], "model": model}
            row["images"] = here["image"].nunique()
            for statistic in SCORES:
                row |= _mean(here[here["statistic"] == statistic], statistic, seed, name, model)
            row |= tests.loc[(name, model)].to_dict()
            of_paper = here[(here["statistic"] == "paper_grad") & (here["replicate"] == 0)]
            row["sure"] = (of_paper["p_value"] < SURE).sum() if len(of_paper) else np.nan
            row["flipped"] = here.loc[here["flips"].fillna(0) > 0, "image"].nunique()
            rows.append(row)
    return pd.DataFrame(rows)


def _mean(paths: pd.DataFrame, statistic: str, *seed: object) -> dict[str, float]:
    mean, low, high = np.nan, np.nan, np.nan
    if len(paths):
        mean = float(paths.groupby("image", sort=False)["score"].mean().mean())
        low, high = hierarchical_bootstrap(paths["score"], paths["image"], *seed)
    return {statistic: mean, f"{statistic}_low": low, f"{statistic}_high": high}
