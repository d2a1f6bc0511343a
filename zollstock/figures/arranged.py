"""Models by two factors along a property: a panel a row, a curve a column, frames below."""

from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.arrangement import Arranged
from zollstock.arrays import Array
from zollstock.figures.panels import FLATTEST, draw_round, limits_of
from zollstock.figures.response import along, common_axis
from zollstock.figures.sentences import axis_words
from zollstock.figures.sheets import Strip, draw_strip
from zollstock.figures.style import DOUBLE, fit_name, fold, margins, new_figure
from zollstock.wording import counted, two_digits

_LEFT, _RIGHT, _TALL, _ACROSS = 0.55, 0.12, 1.6, 4  # inches; panels beside each other
_DASHES = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (4, 1.5, 1, 1.5)))


def draw_arranged(
    arrangement: Arranged,
    axes_of: Mapping[str, Array],
    curves: Mapping[str, Mapping[str, Array]],
    telling: Strip | None,
    paper: pd.DataFrame,
    property_tests: pd.DataFrame,
    palette: str,
    *,
    title: str,
    axis_title: str,
    period: float | None = None,
    boundary: float | None,
    flattest: float = FLATTEST,
) -> Figure:
    """Draw means over images along a property, with E|∇| of each above, and frames below.

    It is the figure of the second study of Penzel & Denzler (2026).

    Parameters
    ----------
    arrangement
        Which model is in which row and column.
    axes_of, curves
        As in `zollstock.figures.response.draw_response`.
    telling
        Frames of one image, or None.
    paper
        This property's rows of `zollstock.significance.paper.paper_measures`.
    property_tests
        Rows of the table of tests; `output` names what is followed.
    palette
        Of the columns.
    title, axis_title
        The property's name, and what its axis counts.
    period
        Of an axis that closes on itself.
    boundary
        Where the decision turns; None where the output has no such number.
    flattest
        The least span of the axis upwards.
    """
    images = [name for name in axes_of if np.isfinite(axes_of[name]).sum() > 1]
    rows, across = len(arrangement.rows), min(len(arrangement.rows), _ACROSS)
    lines = -(-rows // across)
    heading = fold(f"{title}: mean over {counted(len(images), 'image')}", DOUBLE - 0.7, 9)
    wide = DOUBLE - _LEFT - _RIGHT
    strip = 0.0
    if telling is not None and len(telling.steps):
        high, long = telling.frames.shape[1:3]
        strip = min(wide / len(telling.steps) * high / long, 1.2)
    above, between = 0.42 + 0.17 * len(heading), 0.46
    below = 0.9 + (strip + 0.25 if strip else 0)
    height = above + _TALL * lines + between * (lines - 1) + below
    figure = new_figure(DOUBLE, height)
    figure.suptitle(
        "\n".join(heading), x=_LEFT / DOUBLE, y=1 - 0.06 / height, ha="left", fontsize=9
    )
    grid = figure.subplots(
        lines,
        across,
        sharex=True,
        sharey=True,
        squeeze=False,
        gridspec_kw={
            **margins(DOUBLE, height, left=_LEFT, right=_RIGHT, top=above, bottom=below),
            "hspace": between / _TALL,
            "wspace": 0.2,
        },
    )
    looks = _looks(len(arrangement.columns), palette)
    scores = paper.set_index("model")["paper_grad"]
    axis = common_axis([axes_of[name] for name in images])
    limits = [np.zeros(1)] if boundary is None or not images else [np.array([boundary])]
    room = wide / across - 0.25
    for panel, name, models in zip(grid.flat, arrangement.rows, arrangement.models, strict=False):
        panel.set_title(fit_name(name, room, 8), loc="left", fontsize=8, pad=12)
        panel.tick_params(labelsize=7, length=2.5)
        for place, (model, look) in enumerate(zip(models, looks, strict=True)):
            if model is None or not images:
                continue
            values = np.array([along(axes_of[one], curves[one][model], axis) for one in images])
            limits.append(_draw_mean(panel, axis, values, look))
            at = place / len(looks)
            how: dict[str, Any] = {"transform": panel.transAxes, "fontsize": 7, "va": "bottom"}
            panel.text(at, 1.015, two_digits(scores[model]), color=look["color"], **how)
        if boundary is not None:
            panel.axhline(boundary, color="0.45", lw=0.7, ls=(0, (4, 3)), zorder=1, gid="boundary")
    grid[0, 0].set_ylim(*limits_of(limits, flattest))
    draw_round(grid[0, 0], axis, period)
    grid[0, 0].locator_params(axis="x", nbins=3)
    for place, panel in enumerate(grid.flat):
        panel.tick_params(labelbottom=place + across >= rows)
        if place >= rows:
            panel.set_axis_off()
    beside = axis_words(property_tests["output"].dropna())
    middle = (height + below - above) / 2 / height
    figure.text(0.02, middle, beside, fontsize=8, rotation=90, va="center", ha="center")
    under = fold(axis_title, DOUBLE - 0.8, 8, lines=1)[0]
    figure.text(_LEFT / DOUBLE, (below - 0.36) / height, under, fontsize=8, va="center")
    if telling is not None and strip:
        below_it = (_LEFT / DOUBLE, 0.4 / height, wide / DOUBLE, strip / height)
        draw_strip(figure, telling.frames, telling.axis[telling.steps], below_it)
    _legend(figure, arrangement.columns, looks, boundary is not None)
    return figure


def _looks(number: int, palette: str) -> list[dict[str, Any]]:
    colours = matplotlib.color_sequences[palette]
    return [
        {"color": colours[place % len(colours)], "linestyle": _DASHES[place % len(_DASHES)]}
        for place in range(number)
    ]


def _draw_mean(axes: Axes, axis: Array, values: Array, look: Mapping[str, Any]) -> Array:
    """Draw a mean and the middle half of the images; return the numbers that are drawn."""
    known = np.isfinite(values).any(axis=0)
    low, high = np.nanquantile(values[:, known], [0.25, 0.75], axis=0)
    if len(values) > 1:
        how: dict[str, Any] = {"color": look["color"], "alpha": 0.13, "lw": 0, "zorder": 2}
        axes.fill_between(axis[known], low, high, gid="half", **how)
    mean = np.nanmean(values[:, known], axis=0)
    axes.plot(axis[known], mean, lw=1.9, zorder=4, gid="mean", **look)
    return np.concatenate([low, high, mean])


def _legend(
    figure: Figure, columns: list[str], looks: list[dict[str, Any]], boundary: bool
) -> None:
    room = DOUBLE / min(len(columns) + 1 + boundary, 5) - 0.5
    handles = [
        Line2D([], [], lw=1.9, label=fit_name(name, room, 7), **look)
        for name, look in zip(columns, looks, strict=True)
    ]
    if boundary:
        handles.append(Line2D([], [], color="0.45", lw=0.7, ls=(0, (4, 3)), label="decision"))
    words = "numbers: E|∇| of each; bands: the middle half of the images"
    figure.text(_LEFT / DOUBLE, 0.25 / figure.get_figheight(), words, fontsize=7, color="0.35")
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.5 / DOUBLE, 0.01),
        ncols=min(len(handles), 5),
        fontsize=7,
        borderaxespad=0,
        handlelength=2,
    )
