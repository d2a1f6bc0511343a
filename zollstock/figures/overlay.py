"""One image, all models in one panel: the frames, and what each model says of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.arrays import Array
from zollstock.figures.panels import CLOSING, FLATTEST, closing, draw_round, limits_of
from zollstock.figures.sentences import axis_words
from zollstock.figures.sheets import Strip, draw_strip
from zollstock.figures.style import DOUBLE, cut_name, fit_name, fold, new_figure, width_of
from zollstock.scoring.outputs import words_of
from zollstock.wording import show, two_digits

_LEFT, _RIGHT, _TALL = 0.6, 0.15, 2.2  # inches
_SMALL, _LINE = 7.5, 0.16


def draw_overlay(
    telling: Strip | None,
    curves: Mapping[str, Mapping[str, Array]],
    first_scores: pd.DataFrame,
    property_tests: pd.DataFrame,
    looks: Mapping[str, Mapping[str, Any]],
    *,
    title: str,
    axis_title: str,
    alpha: float,
    period: float | None = None,
    boundary: float | None,
    flattest: float = FLATTEST,
) -> Figure:
    """Draw frames of one image above one axis with the followed output of each model.

    It is the main figure of Penzel & Denzler (2026): the legend has each model's score, and here
    p of the placebo test of this image.

    Parameters
    ----------
    telling
        Frames of the image; see `zollstock.scoring.inspection.most_telling`. None where no
        image has a score.
    curves
        Image → model → followed output, shape (S,), NaN at unused steps.
    first_scores
        The headline statistic of this property, a row per model and image.
    property_tests
        Rows of the table of tests.
    looks
        Model → line colour and dashes.
    title, axis_title
        The property's name, and what the axis of its paths counts.
    alpha
        A p that crosses it is told in as many digits as show it.
    boundary
        Where the decision turns; None where the output has no such number.
    period
        Of an axis that closes on itself: curves are led back to their first point.
    flattest
        The least span of the axis upwards.
    """
    words = title if telling is None else f"{title}: {cut_name(telling.image)}"
    heading = fold(words, DOUBLE - 0.7, 10)
    if telling is None:
        return _nothing(heading)
    tests = property_tests[property_tests["image"] == telling.image].set_index("model")
    scores = first_scores[first_scores["image"] == telling.image].set_index("model")
    keys, across = _keys(looks, scores, tests, alpha)
    above = 0.18 + 0.17 * len(heading)
    wide, (high, long) = DOUBLE - _LEFT - _RIGHT, telling.frames.shape[1:3]
    strip = min(wide / len(telling.steps) * high / long, 1.5)
    top = above + 0.16 + strip + 0.12
    below = 0.62 + _LINE * (-(-len(keys) // across))
    height = top + _TALL + below
    figure = new_figure(DOUBLE, height)
    how: dict[str, Any] = {"ha": "left", "fontsize": 10}
    figure.suptitle("\n".join(heading), x=_LEFT / DOUBLE, y=1 - 0.08 / height, **how)
    place = (_LEFT / DOUBLE, 1 - (top - 0.12) / height, wide / DOUBLE, strip / height)
    draw_strip(figure, telling.frames, telling.axis[telling.steps], place)
    axes = figure.add_axes((_LEFT / DOUBLE, below / height, wide / DOUBLE, _TALL / height))
    _draw_curves(axes, telling, curves[telling.image], looks, period)
    if boundary is not None:
        axes.axhline(boundary, color="0.55", lw=0.7, ls=(0, (4, 3)), zorder=0, gid="boundary")
    axes.set_ylim(*limits_of(list(curves[telling.image].values()), flattest))
    axes.locator_params(axis="y", nbins=5)
    axes.tick_params(labelsize=_SMALL)
    axes.set_xlabel(fold(axis_title, wide, 9, lines=1)[0])
    axes.set_ylabel(axis_words(tests["output"].dropna()), fontsize=8)
    if keys:
        at = ((_LEFT - 0.05) / DOUBLE, 0.05 / height)
        how = {"loc": "lower left", "borderaxespad": 0, "columnspacing": 1.6}
        figure.legend(handles=keys, bbox_to_anchor=at, ncols=across, fontsize=_SMALL, **how)
    return figure


def _nothing(heading: list[str]) -> Figure:
    figure = new_figure(DOUBLE, 0.6 + 0.17 * len(heading))
    figure.text(0.02, 0.9, "\n".join(heading), va="top", fontsize=10)
    figure.text(0.02, 0.12, "no image has a score", fontsize=9, color="0.35")
    return figure


def _draw_curves(
    axes: Axes,
    telling: Strip,
    series: Mapping[str, Array],
    looks: Mapping[str, Mapping[str, Any]],
    period: float | None,
) -> None:
    used = np.isfinite(telling.axis)
    axis = telling.axis[used]
    shown = np.flatnonzero(np.isin(np.flatnonzero(used), telling.steps))
    for model, look in looks.items():
        p = series[model][used]
        # Dots are the frames above; those at the ends are whole.
        how: dict[str, Any] = {"marker": "o", "ms": 3.5, "markevery": list(shown)}
        axes.plot(axis, p, lw=1.9, clip_on=False, gid="target", **how, **look)
        back = closing(axis, p, period)
        if back is not None:
            axes.plot(*back, lw=1.4, ls=CLOSING, color=look["color"], gid="closing")
    draw_round(axes, axis, period)


def _keys(
    looks: Mapping[str, Mapping[str, Any]],
    scores: pd.DataFrame,
    tests: pd.DataFrame,
    alpha: float,
) -> tuple[list[Line2D], int]:
    """Return the legend's entries, and how many stand beside each other."""
    several = tests["output"].nunique() > 1
    labels = {}
    for model in looks:
        row = scores.loc[model]
        words = f": {row['statistic']} {two_digits(float(row['score']))}"
        if model in tests.index and np.isfinite(tests.loc[model, "p"]):
            words += f", p = {show(float(tests.loc[model, 'p']), alpha)}"
        else:
            words += ", not tested"
        if several and model in tests.index:
            words += f" ({words_of(tests.loc[model, 'output'], lambda name: cut_name(name, 16))})"
        labels[model] = (str(model), words)
    line = 0.45
    whole = max(width_of(name + words, _SMALL) for name, words in labels.values()) + line
    room = DOUBLE - _LEFT
    across = max(1, min(len(labels), 3, int(room / (whole + 0.1))))
    found = []
    for model, (name, words) in labels.items():
        left = max(room / across - line - width_of(words, _SMALL), 0.8)
        name = fit_name(name, left, _SMALL)
        found.append(Line2D([], [], lw=1.9, label=name + words, **looks[model]))
    return found, across
