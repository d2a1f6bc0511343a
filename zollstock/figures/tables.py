"""Figures of score tables and of accuracy."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from zollstock.figures.style import plt


def draw_heatmap(
    scores: pd.DataFrame,
    tests: pd.DataFrame,
    models: Sequence[str],
    *,
    alpha: float,
    title: str,
    vmax: float,
) -> Figure:
    """Draw scores of one property and statistic, images × models.

    Parameters
    ----------
    scores
        Rows of the score table, averaged over replicates; a missing score leaves its cell
        white, with a dash.
    tests
        Rows of the table of tests.
    models
        Columns, in order.
    alpha
        Scores whose placebo test has p > alpha are written in parentheses.
    title
        Above the figure.
    vmax
        Score of the darkest colour, so that properties can be compared.
    """
    means = scores.groupby(["image", "model"], sort=False)["score"].mean()
    values = means.unstack("model")[list(models)]
    p = tests.pivot(index="image", columns="model", values="p").loc[values.index, list(models)]
    few = len(values) <= 40
    signed = scores["statistic"].iloc[0] == "corr"
    words = values.map("{:.2g}".format).where(~(p > alpha), "(" + values.map("{:.2g}".format) + ")")
    height = min(0.9 + (0.3 if few else 0.08) * len(values), 14)
    figure, axes = plt.subplots(figsize=(1.9 + 1.15 * len(models), height))
    sns.heatmap(
        values,
        ax=axes,
        annot=words if few else False,
        fmt="",
        # A correlation has a sign; the other statistics start at 0.
        **({"cmap": "vlag", "vmin": -1, "vmax": 1} if signed else {"cmap": "viridis", "vmin": 0}),
        **({} if signed else {"vmax": vmax}),
        annot_kws={"size": 8},
        yticklabels=few,
        cbar_kws={"label": str(scores["statistic"].iloc[0])},
    )
    for row, column in np.argwhere(values.isna().to_numpy()) if few else ():
        axes.text(column + 0.5, row + 0.5, "–", ha="center", va="center", fontsize=8)
    axes.set(xlabel="", ylabel="" if few else f"{len(values)} images")
    axes.set_title(title, loc="left")
    figure.subplots_adjust(
        left=0.24 if few else 0.1, right=0.96, top=1 - 0.35 / height, bottom=0.35 / height
    )
    return figure


def draw_summary(
    table: pd.DataFrame, summary: pd.DataFrame, looks: Mapping[str, Mapping[str, Any]]
) -> Figure:
    """Draw mean scores with intervals and every image's score, properties × models.

    Parameters
    ----------
    table
        The score table.
    summary
        Of `zollstock.scoring.summary.summarise`.
    looks
        Model → line colour and dashes.
    """
    titles = list(dict.fromkeys(summary["title"]))
    models = list(looks)
    statistic = summary["statistic"].iloc[0]
    figure, axes = plt.subplots(figsize=(max(4.5, 1.2 + 1.7 * len(titles)), 3.2))
    width = 0.8 / len(models)
    for place, model in enumerate(models):
        rows = summary[summary["model"] == model].set_index("title").loc[titles]
        x = np.arange(len(titles)) + (place - (len(models) - 1) / 2) * width
        colour = looks[model]["color"]
        axes.bar(x, rows["score"], 0.9 * width, color=colour, alpha=0.85, label=model)
        errors = np.array([rows["score"] - rows["low"], rows["high"] - rows["score"]])
        axes.errorbar(x, rows["score"], np.nan_to_num(errors), fmt="none", color="0.15", lw=1)
        for position, name in zip(x, rows["property"], strict=True):
            here = table[
                (table["property"] == name)
                & (table["model"] == model)
                & (table["statistic"] == statistic)
            ]["score"]
            spread = np.linspace(-0.25, 0.25, len(here)) * width if len(here) > 1 else [0.0]
            axes.plot(position + spread, here, ".", color="0.15", ms=4, alpha=0.7, mew=0)
    placebo = dict(zip(summary["title"], summary["placebo"], strict=True))
    labels = [f"{name}\n(placebo)" if placebo[name] else name for name in titles]
    axes.set_xticks(range(len(titles)), labels)
    axes.set_ylabel(f"{statistic}, mean over images")
    axes.set_ylim(bottom=0 if summary["score"].min() >= 0 else None)
    axes.legend()
    figure.tight_layout()
    return figure


def draw_accuracy(table: pd.DataFrame, models: Sequence[str]) -> Figure:
    """Draw accuracy, models × test splits; columns model, split, accuracy, n."""
    values = table.pivot(index="model", columns="split", values="accuracy")
    values = values.loc[list(models), list(dict.fromkeys(table["split"]))] * 100
    rows, columns = values.shape
    figure, axes = plt.subplots(figsize=(1.9 + 1.1 * columns, 1.1 + 0.5 * rows))
    sns.heatmap(
        values,
        ax=axes,
        annot=True,
        fmt=".1f",
        cmap="viridis",
        vmin=0,
        vmax=100,
        cbar_kws={"label": "accuracy, %"},
    )
    axes.set(xlabel=f"test split ({int(table['n'].min())} images each)", ylabel="model")
    axes.tick_params(axis="y", rotation=0)
    figure.tight_layout()
    return figure
