"""Who foretells changed decisions, model by model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.figures.style import DOUBLE, fit_name, fold, new_figure, width_of

_SMALL, _LINE, _TOP, _BELOW, _ACROSS = 7.5, 0.2, 0.5, 0.62, 4
_OWN, _GREY = "#2a6fbb", "0.35"
_TOGETHER = {"within": "all, each on its own", "all": "all together"}


def draw_flips_by_model(flips: pd.DataFrame) -> Figure:
    """Draw ROC areas with intervals, and accuracies as published and fair, a panel a model.

    Parameters
    ----------
    flips
        Of `zollstock.locate.ranking.compare_flips`.
    """
    models = list(dict.fromkeys(flips["model"]))
    order = list(dict.fromkeys(flips["predictor"]))
    names = [fold(name, 1.9, _SMALL, lines=1)[0] for name in order]
    before = max((width_of(name, _SMALL) for name in names), default=1.0) + 0.15
    across = max(1, min(len(models), _ACROSS))
    lines = -(-max(len(models), 1) // across)
    tall = _LINE * max(len(order), 1)
    height = lines * (_TOP + tall) + 0.25 * (lines - 1) + _BELOW
    figure = new_figure(DOUBLE, height)
    gap = 0.18
    wide = (DOUBLE - before - 0.1 - gap * (across - 1)) / across
    for place, model in enumerate(models):
        line, column = divmod(place, across)
        left = before + column * (wide + gap)
        bottom = height - (line + 1) * (_TOP + tall) - 0.25 * line
        at = (left / DOUBLE, bottom / height, wide / DOUBLE, tall / height)
        axes = figure.add_axes(at)
        _panel(axes, flips[flips["model"] == model].set_index("predictor"), order)
        heading = fit_name(_TOGETHER.get(model, model), wide, _SMALL)
        axes.text(0, 1 + 0.2 / tall, heading, transform=axes.transAxes, fontsize=_SMALL)
        said = _counts(flips[flips["model"] == model])
        axes.text(0, 1 + 0.06 / tall, said, transform=axes.transAxes, fontsize=7, color="0.35")
        shown = names if column == 0 else [""] * len(names)
        axes.set_yticks(range(len(order)), shown, fontsize=_SMALL)
    _legend(figure)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, order: list[str]) -> None:
    axes.axvline(0.5, color="0.8", lw=0.7, gid="chance")
    common = rows["majority"].dropna()
    if len(common):
        axes.axvline(float(common.max()), color="0.45", lw=0.8, ls=":", gid="majority")
    for place, name in enumerate(order):
        if name not in rows.index:
            continue
        row: Mapping[Any, Any] = rows.loc[name].to_dict()
        colour = _OWN if name.startswith("property gradient") else _GREY
        axes.plot([row["low"], row["high"]], [place, place], color=colour, lw=1.1, gid="interval")
        axes.plot([row["auc"]], [place], marker="o", ms=4, color=colour, gid="auc")
        how: dict[str, Any] = {"ls": "none", "color": colour}
        axes.plot([row["accuracy"]], [place], marker="|", ms=6, **how)
        axes.plot([row["accuracy_fair"]], [place], marker="D", ms=3.2, mfc="none", mew=0.8, **how)
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(max(len(order), 1) - 0.5, -0.5)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.tick_params(axis="x", labelsize=7, length=2)
    axes.tick_params(axis="y", length=0)


def _counts(rows: pd.DataFrame) -> str:
    """Return on how many paths decisions change; of methods without maps of all fewer."""
    if not len(rows) or not np.isfinite(rows["n"]).any():
        return ""
    most = rows.loc[rows["n"].idxmax()]
    return f"{most['flips']:.0f} of {most['n']:.0f} change"


def _legend(figure: Figure) -> None:
    grey: dict[str, Any] = {"color": _GREY, "ls": "none"}
    handles = [
        Line2D([], [], color=_GREY, lw=1.1, marker="o", ms=4, label="ROC area, 95 % interval"),
        Line2D([], [], marker="|", ms=6, label="accuracy, as published", **grey),
        Line2D([], [], marker="D", ms=3.2, mfc="none", mew=0.8, label="accuracy, fair", **grey),
        Line2D([], [], color="0.45", lw=0.8, ls=":", label="more frequent answer"),
    ]
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.1 / DOUBLE, 0.08 / figure.get_figheight()),
        ncols=4,
        fontsize=7,
        borderaxespad=0,
        columnspacing=1.4,
    )
