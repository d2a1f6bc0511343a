"""The headline table: one row per property and model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.seeds import rng_for

BOOTSTRAP = 2000


def bootstrap_interval(
    values: npt.NDArray[np.float64], *seed: object, level: float = 0.95
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean over images.

    Parameters
    ----------
    values
        One number per image, shape (N,). With N = 1 the interval is (nan, nan).
    *seed
        Names the draw.
    level
        Coverage aimed at.

    Notes
    -----
    Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. With few images
    percentile intervals are too short; they show the spread, they do not prove coverage.
    """
    if len(values) < 2:
        return (np.nan, np.nan)
    draws = rng_for("bootstrap", *seed).integers(len(values), size=(BOOTSTRAP, len(values)))
    low, high = np.quantile(values[draws].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return (float(low), float(high))


def summarise(
    table: pd.DataFrame, properties: Mapping[str, Mapping[str, Any]], alpha: float, seed: int
) -> pd.DataFrame:
    r"""Return mean scores with intervals, and how they compare.

    Parameters
    ----------
    table
        Score tables of `zollstock.scoring.table.score_predictions` with the columns
        property and model; the first statistic in it is the headline.
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
        without a score), flagged (images whose edit the ledger flags),
        score (mean over images; of the absolute value for corr), low, high
        (95 % bootstrap), times_lowest (score over the lowest model's for this property),
        share_of_highest (score over the highest score in the table), significant (share of
        images with p ≤ alpha), direction (mean), flipped (share of images whose predicted
        class changes). Means and shares leave out failed images; they are NaN where all failed.
    """
    headline = table["statistic"].iloc[0]
    of_headline = table[table["statistic"] == headline]
    rows = []
    for name, facts in properties.items():
        for model, group in of_headline[of_headline["property"] == name].groupby(
            "model", sort=False
        ):
            images = len(group)
            flagged = int((group["flags"] != "").sum()) if "flags" in group else 0
            group = group[group["score"].notna()]
            scores = group["score"].to_numpy(float)
            if headline == "corr":
                # Opposite signs on two images are dependence on both, not on none.
                scores = np.abs(scores)
            low, high = bootstrap_interval(scores, seed, name, model)
            rows.append(
                {
                    "property": name,
                    "title": facts["title"],
                    "placebo": facts["placebo"],
                    "model": model,
                    "statistic": headline,
                    "images": images,
                    "failed": images - len(group),
                    "flagged": flagged,
                    "score": scores.mean() if len(scores) else np.nan,
                    "low": low,
                    "high": high,
                    "significant": (group["p_value"] <= alpha).mean(),
                    "direction": group["direction"].mean(),
                    "flipped": (group["flips"] > 0).astype(bool).mean(),
                }
            )
    summary = pd.DataFrame(rows)
    lowest = summary.groupby("property")["score"].transform("min")
    ratio = summary["score"] / lowest.where(lowest > 0)
    summary.insert(11, "times_lowest", ratio)
    highest = summary["score"].max()
    share = summary["score"] / (highest if highest > 0 else np.nan)
    summary.insert(12, "share_of_highest", share)
    return summary


_MEANING = {
    "paper_grad": "the mean absolute change of the followed probability per step",
    "epgm": "the total up and down of the followed probability over the property's range",
    "corr": "the absolute correlation of the followed probability with the step",
    "mi": "the mutual information of the followed probability and the step, in nats",
}

_COMPARABLE = {
    "epgm": "It grows with the range the property moves over. A clean curve scores the same with "
    "any spacing that shows its turns; jitter adds up with the steps.",
}
_OTHERWISE = (
    "It grows with the range the property moves over and shrinks with the number of steps, so "
    "compare scores only between equal paths."
)


def summary_page(summary: pd.DataFrame, study: str) -> str:
    """Return the headline table as one HTML page that needs nothing else."""
    rows = summary.to_dict("records")
    for before, row in zip([None, *rows], rows, strict=False):
        row["first"] = before is None or before["property"] != row["property"]
    statistic = str(summary["statistic"].iloc[0])
    template = Path(__file__).with_name("summary.html").read_text(encoding="utf-8")
    page = jinja2.Template(template, autoescape=True)
    return page.render(
        study=study,
        rows=rows,
        statistic=statistic,
        meaning=_MEANING.get(statistic, statistic),
        comparable=_COMPARABLE.get(statistic, _OTHERWISE),
        failed=bool(summary["failed"].any()),
        flagged=bool(summary["flagged"].any()),
    )
