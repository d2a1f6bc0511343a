"""Scores of properties before and after repairs, and score against accuracy."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.figures.style import DOUBLE, MARKERS, fit_name, fold, new_figure

_SMALL = 7.5
_LINE = 0.19
_NAMES = 2.0
_GREY = "0.45"


def looks_of(methods: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return colour and marker of each method, by its place."""
    colours = matplotlib.color_sequences["petroff10"]
    return {
        name: {"color": colours[place % len(colours)], "marker": MARKERS[place % len(MARKERS)]}
        for place, name in enumerate(methods)
    }


def draw_repairs(
    repairs: pd.DataFrame, drawn_properties: Sequence[str], alpha: float
) -> Iterator[tuple[str, Figure]]:
    """Draw every property's score before and after, a page a model.

    Parameters
    ----------
    repairs
        Table of the stage `repair`.
    drawn_properties
        Properties, in order; those that are not in the table are left out.
    alpha
        Points are filled where q is at most this.
    """
    looks = looks_of(list(dict.fromkeys(repairs["method"])))
    for base, mine in repairs.groupby("base", sort=False):
        groups = [(name, mine[mine["property"] == name]) for name in drawn_properties]
        yield str(base), _scores(str(base), [one for one in groups if len(one[1])], looks, alpha)


def _scores(
    base: str,
    groups: Sequence[tuple[str, pd.DataFrame]],
    looks: Mapping[str, Mapping[str, Any]],
    alpha: float,
) -> Figure:
    rows = sum(2 + table["method"].nunique() for _, table in groups) + 0.5 * len(groups)
    top, below = 0.45, 0.95
    height = top + below + _LINE * rows
    figure = new_figure(DOUBLE, height)
    axes = figure.add_axes(
        (_NAMES / DOUBLE, below / height, (DOUBLE - _NAMES - 0.2) / DOUBLE, _LINE * rows / height)
    )
    figure.text(0.1 / DOUBLE, 1 - 0.2 / height, fit_name(base, DOUBLE - 0.2, 9.5), fontsize=9.5)
    place = 0.5
    for _, table in groups:
        first = table.iloc[0]
        words = f"{first['title']}{' (repaired against)' if first['against'] else ''}"
        _word(axes, place, fit_name(words, DOUBLE - 0.2, _SMALL), weight="bold")
        place += 1
        _word(axes, place, "before")
        _point(axes, place, first, ("before", "before_low", "before_high", "before_q"), alpha, {})
        for method, mine in table.groupby("method", sort=False):
            place += 1
            _word(axes, place, fit_name(str(method), _NAMES - 0.3, _SMALL))
            apart = np.linspace(-0.25, 0.25, len(mine)) if len(mine) > 1 else [0.0]
            for shift, (_, row) in zip(apart, mine.iterrows(), strict=True):
                keys = ("after", "low", "high", "q")
                _point(axes, place + shift, row, keys, alpha, looks[str(method)])
        place += 1.5
    axes.set_ylim(rows, -0.2)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlim(left=0)
    axes.tick_params(labelsize=_SMALL)
    axes.set_xlabel("score", fontsize=_SMALL)
    note = (
        "Scores with 95 % intervals over images, a point a seed. Filled: q of the placebo test is "
        f"at most {alpha:g}, over all properties and models of the figure's table; hollow: it is "
        "not, or there is none, which is no proof that the model does not look at the property."
    )
    for number, text in enumerate(fold(note, DOUBLE - 0.2, 7, lines=3)):
        figure.text(0.1 / DOUBLE, (0.4 - 0.13 * number) / height, text, fontsize=7)
    return figure


def _word(axes: Axes, place: float, words: str, weight: str = "normal") -> None:
    width = DOUBLE - _NAMES - 0.2
    axes.text(
        -(_NAMES - 0.1) / width, place, words, transform=axes.get_yaxis_transform(), va="center",
        fontsize=_SMALL, weight=weight,
    )  # fmt: skip


def _point(
    axes: Axes,
    place: float,
    row: "pd.Series[Any]",
    keys: tuple[str, str, str, str],
    alpha: float,
    look: Mapping[str, Any],
) -> None:
    value, low, high, q = (float(row[key]) for key in keys)
    if not np.isfinite(value):
        return
    colour, marker = look.get("color", _GREY), look.get("marker", "o")
    axes.plot([low, high], [place, place], color=colour, lw=1, clip_on=False)
    face = colour if q <= alpha else "white"
    axes.plot(
        [value], [place], marker, ms=4.5, mec=colour, mfc=face, ls="none", zorder=3, clip_on=False
    )


def draw_frontier(points: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    """Draw score against accuracy, a point a method and seed, a page a model.

    Parameters
    ----------
    points
        ``base``, ``title`` of a property that is repaired against, ``method`` ("" before),
        ``split``, ``accuracy``, ``score``, and whether no other point beats it (``best``).
    """
    methods = [name for name in dict.fromkeys(points["method"]) if name]
    looks = looks_of(methods)
    for base, mine in points.groupby("base", sort=False):
        yield str(base), _frontiers(str(base), mine, looks)


def _frontiers(base: str, points: pd.DataFrame, looks: Mapping[str, Mapping[str, Any]]) -> Figure:
    titles = list(dict.fromkeys(points["title"]))
    panel, top, below = 2.5, 0.3, 0.85
    height = top + panel * len(titles) + below
    figure = new_figure(DOUBLE, height)
    figure.text(0.1 / DOUBLE, 1 - 0.2 / height, fit_name(base, DOUBLE - 0.2, 9.5), fontsize=9.5)
    axes: Axes | None = None
    for number, title in enumerate(titles):
        bottom = below + panel * (len(titles) - 1 - number) + 0.15
        axes = figure.add_axes(
            (0.7 / DOUBLE, bottom / height, 4.2 / DOUBLE, (panel - 0.65) / height)
        )
        mine = points[points["title"] == title]
        line = mine[mine["best"]].sort_values("accuracy")
        axes.plot(line["accuracy"], line["score"], color="0.75", lw=1, zorder=1)
        before = mine[mine["method"] == ""]
        axes.plot(
            before["accuracy"], before["score"], "*", ms=9, color="black", ls="none", label="before"
        )
        for method, look in looks.items():
            of = mine[mine["method"] == method]
            if len(of):
                name = fit_name(method, 1.4, _SMALL)
                axes.plot(of["accuracy"], of["score"], ls="none", ms=5, label=name, **look)
        axes.set_ylim(bottom=0)
        axes.tick_params(labelsize=_SMALL)
        axes.set_ylabel("score", fontsize=_SMALL)
        axes.set_title(fit_name(title, 4.2, 8.5), fontsize=8.5, loc="left")
        axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), fontsize=_SMALL)
    if axes is not None:
        split = fit_name(str(points["split"].iloc[0]), 2.0, _SMALL)
        axes.set_xlabel(f"accuracy on {split}, plain mean over pictures", fontsize=_SMALL)
    note = (
        "A point a method and seed; the line joins those that no other one beats in both. Lower "
        "is less reliance on this property, as the score sees it."
    )
    for number, text in enumerate(fold(note, DOUBLE - 0.2, 7, lines=2)):
        figure.text(0.1 / DOUBLE, (0.3 - 0.13 * number) / height, text, fontsize=7)
    return figure
