"""The headline table: one row per property and model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from zollstock.significance.intervals import hierarchical_bootstrap
from zollstock.significance.table import group_tests


def summarise(
    table: pd.DataFrame,
    tests: pd.DataFrame,
    properties: Mapping[str, Mapping[str, Any]],
    alpha: float,
    seed: int,
) -> pd.DataFrame:
    r"""Return mean scores with intervals, how they compare, and the tests over all images.

    Parameters
    ----------
    table
        Score tables of `zollstock.scoring.table.score_predictions` with the columns property,
        model and flags; the first statistic in it is the headline.
    tests
        Of `zollstock.significance.table.table_of_tests`.
    properties
        Name → ``title`` and ``placebo``, in the order of the rows.
    alpha
        Level of the share of significant images.
    seed
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        With the columns property, title, placebo, model, statistic, images, failed (images
        without a score), flagged (images whose edit the ledger flags), score (mean over images
        of the mean over replicates; of the absolute value for corr), low, high (95 %,
        hierarchical bootstrap over images and replicates), times_lowest (score over the lowest
        model's for this property), share_of_highest (score over the highest score in the
        table), those of `zollstock.significance.table.group_tests` (corrected, its interval,
        paper_grad, p, q_bh, q_by, used, match), significant (share of tested images with p ≤
        alpha), direction (mean), flipped (share of images whose predicted class changes).
        Means and shares leave out failed images; they are NaN where all failed.
    """
    headline = table["statistic"].iloc[0]
    of_headline = table[table["statistic"] == headline]
    groups = group_tests(tests, seed)
    rows = []
    for name, facts in properties.items():
        for model, paths in of_headline[of_headline["property"] == name].groupby(
            "model", sort=False
        ):
            images = paths["image"].nunique()
            flagged = paths.loc[paths["flags"] != "", "image"].nunique()
            paths = paths[paths["score"].notna()]
            # Opposite signs on two images are dependence on both, not on none.
            scores = paths["score"].abs() if headline == "corr" else paths["score"]
            by_image = paths.assign(score=scores).groupby("image", sort=False)
            mean = by_image["score"].mean()
            low, high = hierarchical_bootstrap(scores, paths["image"], seed, name, model)
            p = tests.loc[(tests["property"] == name) & (tests["model"] == model), "p"].dropna()
            rows.append(
                {
                    "property": name,
                    "title": facts["title"],
                    "placebo": facts["placebo"],
                    "model": model,
                    "statistic": headline,
                    "images": images,
                    "failed": images - len(mean),
                    "flagged": flagged,
                    "score": mean.mean(),
                    "low": low,
                    "high": high,
                    **groups.loc[(name, model)].to_dict(),
                    "significant": (p <= alpha).mean() if len(p) else np.nan,
                    "direction": by_image["direction"].mean().mean(),
                    "flipped": (by_image["flips"].max() > 0).astype(bool).mean(),
                }
            )
    summary = pd.DataFrame(rows)
    lowest = summary.groupby("property")["score"].transform("min")
    summary["times_lowest"] = summary["score"] / lowest.where(lowest > 0)
    highest = summary["score"].max()
    summary["share_of_highest"] = summary["score"] / (highest if highest > 0 else np.nan)
    return summary[
        [
            *("property", "title", "placebo", "model", "statistic", "images", "failed", "flagged"),
            *("score", "low", "high", "times_lowest", "share_of_highest", *groups.columns),
            *("significant", "direction", "flipped"),
        ]
    ]
