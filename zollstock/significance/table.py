"""The table of tests: a row per image, property and model, with effects, p and q."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from zollstock.significance.intervals import hierarchical_bootstrap
from zollstock.significance.multiplicity import combine_images, q_values

KEY = ["property", "model", "image"]
_EFFECTS = {
    "corrected": "mean",
    "jitter": "mean",
    "direction": "mean",
    "range": "mean",
    "tv_ratio": "mean",
    "vector": "mean",
    "flips": "max",
    "probability_unedited": "mean",
}


def join_flags(flags: Iterable[str]) -> str:
    """Return every flag of several paths once, in alphabetical order, joined by ";"."""
    return ";".join(sorted({flag for text in flags for flag in str(text).split(";") if flag}))


def table_of_tests(scores: pd.DataFrame, comparisons: pd.DataFrame) -> pd.DataFrame:
    """Join effects and comparisons with placebos, and correct p for the number of rows.

    Parameters
    ----------
    scores
        The score table, a row per path and statistic.
    comparisons
        Of `zollstock.significance.comparison.compare_study`.

    Returns
    -------
    DataFrame
        A row per property, model and image. Effects are means over the image's replicates:
        epgm and paper_grad (NaN where the study does not have them), corrected, jitter,
        signed, range, tv_ratio, vector; flips is the largest. q_bh and q_by are q-values of p
        after Benjamini & Hochberg and Benjamini & Yekutieli over all rows, q_pooled (BH) of
        p_pooled.
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
    p = table["p"].to_numpy(np.float64)
    table["q_bh"], table["q_by"] = q_values(p, "bh"), q_values(p, "by")
    table["q_pooled"] = q_values(table["p_pooled"].to_numpy(np.float64), "bh")
    return table[
        [
            *("image", "label", "property", "model", "output", "flags", "replicates", "steps"),
            *("epgm", "corrected", "jitter", "shared", "paper_grad", "signed", "range", "tv_ratio"),
            *("vector", "flips", "probability_unedited", "statistic", "value", "size"),
            *("placebos", "used", "placebo_median", "placebo_high", "match"),
            *("p", "resolution", "q_bh", "q_by", "p_pooled", "used_pooled", "q_pooled"),
            "p_seeds",
        ]
    ]


def group_tests(tests: pd.DataFrame, scores: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Answer "does the model use the property?" over all images: a row per property and model.

    Parameters
    ----------
    tests
        Of `table_of_tests`.
    scores
        The score table, for the interval over images and replicates.
    seed
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        Indexed by property and model, with the columns corrected (mean over images),
        corrected_low, corrected_high (95 %, hierarchical bootstrap), paper_grad (mean), p
        (Fisher's combination of the images' p), q_bh, q_by (over all rows), used (mean number
        of placebos per image), match (median).
    """
    pair = ["property", "model"]
    first = scores[scores["statistic"] == scores["statistic"].iloc[0]]
    paths = dict(list(first.groupby(pair, sort=False)))
    rows = {}
    for (name, model), group in tests.groupby(pair, sort=False):
        here = paths[name, model]
        here = here[here["corrected"].notna()]
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
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis(pair)
    p = table["p"].to_numpy(np.float64)
    table["q_bh"], table["q_by"] = q_values(p, "bh"), q_values(p, "by")
    return table[
        [
            *("corrected", "corrected_low", "corrected_high", "paper_grad"),
            *("p", "q_bh", "q_by", "used", "match"),
        ]
    ]
