"""The calibration in one table: what was asked, what came out, and whether that is enough."""

from collections.abc import Iterator

import pandas as pd

from zollstock.calibration.designs import CASES
from zollstock.calibration.power import LEVEL, SIZES
from zollstock.calibration.processes import PROCESSES
from zollstock.calibration.rates import TITLES

DENSE_ERROR = 1e-6
"""Largest error of an exact path that is fine enough."""
COMPARED = ("placebo_net", "placebo_range", "placebo_smooth", "placebo_variation", "signflip")
"""Tests whose power is in the summary; the table of powers has more."""
ASSUMED = {
    "signflip": "drift",
}
"""Test → a case that breaks what it assumes; its rate there is shown and not judged."""


def summary(
    rates: pd.DataFrame,
    truth: pd.DataFrame,
    decay: pd.DataFrame,
    areas: pd.DataFrame,
    power: pd.DataFrame,
) -> pd.DataFrame:
    """Return one row per question.

    Parameters
    ----------
    rates
        Of `zollstock.calibration.rates.judged`.
    truth, decay
        Of `truth_table` and `error_against_steps`.
    areas
        Of `zollstock.calibration.roc.roc_tables`.
    power
        Of `zollstock.calibration.power`.

    Returns
    -------
    DataFrame
        Columns part, question, found, unit, low and high (95 %, where there is an interval),
        asked (what a sound result is) and holds (true, false, or empty where nothing is asked).
    """
    rows = [*_levels(rates), *_scores(truth, decay), *_found(areas), *_powers(power)]
    columns = ["part", "question", "found", "unit", "low", "high", "asked", "holds"]
    return pd.DataFrame(rows, columns=columns)


def _levels(rates: pd.DataFrame) -> Iterator[dict[str, object]]:
    at = rates[(rates["level"] == LEVEL) & rates["reachable"]]
    for test, title in TITLES.items():
        mine = at[at["test"] == test]
        if not len(mine):
            continue
        broken = ASSUMED.get(test)
        judged = mine[mine["case"] != broken]
        worst = judged.loc[judged["rate"].idxmax()]
        yield {
            "part": "false positives",
            "question": f"{title}: highest rate, level {LEVEL:g}, {len(judged)} cases "
            f"({worst['case']}, K = {worst['k']})",
            "found": worst["rate"],
            "unit": "share",
            "low": worst["low"],
            "high": worst["high"],
            "asked": f"{LEVEL:g} within the simultaneous interval, or above it",
            "holds": bool(
                rates.loc[(rates["test"] == test) & (rates["case"] != broken), "holds"].all()
            ),
        }
        for _, row in mine[mine["case"] == broken].iterrows():
            yield {
                "part": "false positives",
                "question": f"{title}: rate where its assumption is broken ({row['case']})",
                "found": row["rate"],
                "unit": "share",
                "low": row["low"],
                "high": row["high"],
                "asked": "",
                "holds": "",
            }


def _scores(truth: pd.DataFrame, decay: pd.DataFrame) -> Iterator[dict[str, object]]:
    steps = decay["steps"].max()
    dense = decay[(decay["steps"] == steps) & (decay["statistic"] == "epgm")]["worst"].max()
    yield {
        "part": "truth",
        "question": f"epgm of exact paths of {steps} steps: largest error",
        "found": dense,
        "unit": "probability",
        "asked": f"at most {DENSE_ERROR:g}",
        "holds": bool(dense <= DENSE_ERROR),
    }
    both = truth[(truth["classifier"] == "all") & (truth["statistic"] == "epgm")]
    for (engine, against), row in both.set_index(["engine", "against"]).iterrows():
        if engine == "exact" and against == "covered":
            continue
        beside = "closed form" if against == "truth" else "closed form over the range reached"
        for key, unit in (("bias", "probability"), ("rmse", "probability"), ("spearman", "")):
            yield {
                "part": "truth",
                "question": f"epgm of {engine} paths against the {beside}, all classifiers: {key}",
                "found": row[key],
                "unit": unit,
                "asked": "",
                "holds": "",
            }


def _found(areas: pd.DataFrame) -> Iterator[dict[str, object]]:
    for _, row in areas[areas["model"] == "all"].iterrows():
        yield {
            "part": "bias on an image",
            "question": f"{row['statistic']} of {row['engine']} paths finds images whose "
            f"decision {row['truth']} ({row['positive']} of {row['n']}): area under ROC",
            "found": row["auc"],
            "unit": "",
            "low": row["low"],
            "high": row["high"],
            "asked": "",
            "holds": "",
        }


def _powers(power: pd.DataFrame) -> Iterator[dict[str, object]]:
    size = SIZES[-2]
    for (noise, shape), mine in power[power["size"] == size].groupby(
        ["noise", "shape"], sort=False
    ):
        for _, row in mine.iterrows():
            yield {
                "part": "power",
                "question": f"{row['test']}: {shape} of size {size:g} on {noise}",
                "found": row["power"],
                "unit": "share",
                "low": row["low"],
                "high": row["high"],
                "asked": "",
                "holds": "",
            }


def case_titles() -> dict[str, str]:
    """Return case → its name in figures, in order; models go by their own names."""
    titles = {}
    for process in PROCESSES:
        titles[process.name] = process.title
        if process.part is not None:
            titles[process.part[1]] = process.part[2]
    return titles | CASES
