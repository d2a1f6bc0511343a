"""The table of tests: a row per image, property and model, with effects, p and q."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from zollstock.significance.intervals import hierarchical_bootstrap
from zollstock.significance.multiplicity import combine_images, q_values

KEY = ["property", "model", "image"]
_EFFECTS = {
    "gradient": "mean",
    "direction": "mean",
    "range": "mean",
    "tv_ratio": "mean",
    "vector": "mean",
    "log_odds": "mean",
    "flips": "max",
    "probability_unedited": "mean",
}


def join_flags(flags: Iterable[str]) -> str:
    """Return every flag of several paths once, in alphabetical order, joined by ";"."""
    return ";".join(sorted({flag for text in flags for flag in str(text).split(";") if flag}))


def table_of_tests(
    scores: pd.DataFrame, comparisons: pd.DataFrame, interest: float
) -> pd.DataFrame:
    """Join effects and comparisons with placebos, and correct p for the number of rows.

    Parameters
    ----------
    scores
        The score table, a row per path and statistic.
    comparisons
        Of `zollstock.significance.comparison.compare_study`.
    interest
        By which factor the odds of the followed class must change to be of interest.

    Returns
    -------
    DataFrame
        A row per property, model and image. Effects are means over the image's replicates:
        epgm and paper_grad (NaN where the study does not have them), gradient,
        signed, range, tv_ratio, vector, log_odds; corrected is what an image's replicates share,
        epgm of images without; flips is the largest. of_interest tells
        whether log_odds reach ln(interest); it has nothing to do with p. q_bh and q_by are
        q-values of p after Benjamini & Hochberg and Benjamini & Yekutieli over all rows.
    """
    first = scores[scores["statistic"] == scores["statistic"].iloc[0]]
    groups = first.groupby(KEY, sort=False)
    effects = groups.agg(_EFFECTS)
    effects["replicates"] = groups["replicate"].nunique()
    effects["steps"] = groups["steps"].max()
    effects["output"] = groups["output"].first()
    effects["flags"] = groups["flags"].agg(join_flags)
    for name in ("epgm", "paper_grad"):
        of_name = scores[scores["statistic"] == name]
        effects[name] = of_name.groupby(KEY, sort=False)["score"].mean()
    table = comparisons.merge(effects.reset_index(), on=KEY, how="left", validate="1:1")
    table = table.rename(columns={"direction": "signed"})
    # What replicates share is free of jitter; one path cannot tell jitter from turns.
    table["corrected"] = table.pop("shared").fillna(table["gradient"])
    table["of_interest"] = of_interest(table["log_odds"], interest)
    p = table["p"].to_numpy(np.float64)
    table["q_bh"], table["q_by"] = q_values(p, "bh"), q_values(p, "by")
    return table[
        [
            *("image", "label", "property", "model", "output", "flags", "replicates", "steps"),
            *("epgm", "corrected", "jitter", "paper_grad", "signed", "range", "tv_ratio"),
            *("vector", "log_odds", "of_interest", "flips", "probability_unedited"),
            *("statistic", "value", "size", "placebos", "unmatched", "used", "larger"),
            *("placebo_median", "placebo_high", "match"),
            *("p", "resolution", "untested", "q_bh", "q_by", "p_seeds"),
        ]
    ]


def of_interest(log_odds: pd.Series, interest: float) -> pd.Series:
    """Return whether odds change by a factor of `interest` at least; nothing where unknown."""
    found = (log_odds >= np.log(interest) - 1e-9).astype("boolean")
    return found.mask(log_odds.isna())


def group_tests(tests: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Answer "does the model use the property?" over all images: a row per property and model.

    Parameters
    ----------
    tests
        Of `table_of_tests`.
    seed
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        Indexed by property and model, with the columns corrected (mean over images),
        corrected_low, corrected_high (95 %, bootstrap over images), paper_grad (mean), p
        (Fisher's combination of the images' p), q_bh, q_by (over all rows), used (mean number
        of placebos per tested image), match (median), tested (how many images have a p),
        log_odds (mean), interesting (share of images whose effect is of interest).
    """
    pair = ["property", "model"]
    rows = {}
    for (name, model), group in tests.groupby(pair, sort=False):
        here = group[group["corrected"].notna()]
        low, high = hierarchical_bootstrap(
            here["corrected"].to_numpy(np.float64),
            here["image"].to_numpy(),
            *(seed, name, model, "corrected"),
        )
        tested = group["p"].notna()
        rows[name, model] = {
            "corrected": group["corrected"].mean(),
            "corrected_low": low,
            "corrected_high": high,
            "paper_grad": group["paper_grad"].mean(),
            "p": combine_images(group["p"].to_numpy(np.float64)),
            "used": group.loc[tested, "used"].mean(),
            "match": group.loc[tested, "match"].median(),
            "tested": int(tested.sum()),
            "log_odds": group["log_odds"].mean(),
            # Of nothing but unknown ones the mean would be no number that NumPy knows.
            "interesting": group["of_interest"].astype("Float64").astype("float64").mean(),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis(pair)
    p = table["p"].to_numpy(np.float64)
    table["q_bh"], table["q_by"] = q_values(p, "bh"), q_values(p, "by")
    return table[
        [
            *("corrected", "corrected_low", "corrected_high", "paper_grad"),
            *("p", "q_bh", "q_by", "used", "match", "tested", "log_odds", "interesting"),
        ]
    ]
