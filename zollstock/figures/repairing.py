"""Scores of properties before and after repairs, and score against accuracy."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from zollstock.figures.style import DOUBLE, MARKERS, fit_name, new_figure, write_note

_SMALL = 7.5
_LINE = 0.19
_NAMES = 2.0
_LONG = 45  # rows of a page, beyond which properties stand side by side
_COLUMNS = 3
_GREY = "0.45"
_MANY = 30
"""Points beyond which they are drawn smaller."""
_WIDE = 10
"""Of the highest score to the lowest, from which on a scale is one of powers of ten."""


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
    methods = [name for name in looks if any((one["method"] == name).any() for _, one in groups)]
    # Many rows stand side by side, so that the page stays one.
    long = len(groups) * (2.5 + len(methods)) > _LONG
    columns = min(_COLUMNS, max(1, len(groups))) if long else 1
    bands = -(-len(groups) // columns)
    top, below, gap = 0.45, 0.95, 0.35 if long else 0.2
    names = 0.75 * _NAMES if long else _NAMES
    side = (DOUBLE - names - gap * columns) / columns
    body, band = _LINE * (1 + len(methods)), _LINE * (2.5 + len(methods))
    height = top + below + band * max(1, bands)
    figure = new_figure(DOUBLE, height)
    figure.text(0.1 / DOUBLE, 1 - 0.2 / height, fit_name(base, DOUBLE - 0.2, 9.5), fontsize=9.5)
    ends = [
        table[["before", "before_high", "after", "high"]].to_numpy(float) for _, table in groups
    ]
    furthest = max((float(np.nanmax(one)) for one in ends if np.isfinite(one).any()), default=0.0)
    for number, (_, table) in enumerate(groups):
        line, column = divmod(number, columns)
        left = names + column * (side + gap)
        bottom = height - top - line * band - 1.5 * _LINE - body
        axes = figure.add_axes((left / DOUBLE, bottom / height, side / DOUBLE, body / height))
        _group(axes, table, methods, looks, alpha)
        axes.set_xlim(0, 1.05 * furthest or 1.0)
        first = table.iloc[0]
        mark = " (against)" if long else " (repaired against)"
        words = f"{first['title']}{mark if first['against'] else ''}"
        # With one column the title has the whole width, from where the names begin.
        start, room = (left, 0.85 * side) if long else (0.1, DOUBLE - 0.4)
        figure.text(
            start / DOUBLE, (bottom + body + 0.06) / height, fit_name(words, room, _SMALL),
            fontsize=_SMALL, weight="bold",
        )  # fmt: skip
        if not column:
            for place, name in enumerate(["before", *methods]):
                at = bottom + body - _LINE * (place + 0.5)
                figure.text(
                    0.1 / DOUBLE, at / height, fit_name(name, names - 0.2, _SMALL), va="center",
                    fontsize=_SMALL,
                )  # fmt: skip
        if number + columns >= len(groups):
            axes.set_xlabel("score", fontsize=_SMALL)
        else:
            axes.tick_params(labelbottom=False, length=0)
            axes.spines["bottom"].set_visible(False)
    note = (
        "Scores with 95 % intervals over images, a point a seed. Filled: q of the placebo test is "
        f"at most {alpha:g}, over all properties and models of the figure's table; hollow: it is "
        "not, or there is none, which is no proof that the model does not look at the property."
    )
    write_note(figure, note, 0.4, lines=3)
    return figure


def _group(
    axes: Axes,
    table: pd.DataFrame,
    methods: Sequence[str],
    looks: Mapping[str, Mapping[str, Any]],
    alpha: float,
) -> None:
    """Draw a property's scores, a row a method below that before."""
    keys = ("before", "before_low", "before_high", "before_q")
    _point(axes, 0, table.iloc[0], keys, alpha, {})
    for place in range(len(methods) + 1):
        axes.axhline(place, color="0.94", lw=0.6, zorder=0)
    for place, method in enumerate(methods, start=1):
        mine = table[table["method"] == method]
        apart = np.linspace(-0.25, 0.25, len(mine)) if len(mine) > 1 else [0.0]
        for shift, (_, row) in zip(apart, mine.iterrows(), strict=False):
            _point(axes, place + shift, row, ("after", "low", "high", "q"), alpha, looks[method])
    axes.set_ylim(len(methods) + 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(labelsize=_SMALL)
    axes.locator_params(axis="x", nbins=5)


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
        size = 6 if len(mine) <= _MANY else 4.5
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
                # An edge tells points apart that lie on each other.
                edge: dict[str, Any] = {"ms": size, "mec": "white", "mew": 0.6}
                axes.plot(of["accuracy"], of["score"], ls="none", label=name, **edge, **look)
        _scale_scores(axes, mine["score"])
        axes.tick_params(labelsize=_SMALL, which="both")
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
    write_note(figure, note, 0.3, lines=2)
    return figure


def _scale_scores(axes: Axes, scores: pd.Series) -> None:
    """Let the axis begin at 0; by powers of ten where good repairs would lie on each other."""
    if scores.min() <= 0 or scores.max() < _WIDE * scores.min():
        axes.set_ylim(bottom=0)
        return
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=20))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylim(scores.min() / 1.3, scores.max() * 1.3)
