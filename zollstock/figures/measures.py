"""Methods in rows, measures in panels: a mean and its interval each."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.figures.style import DOUBLE, MARKERS, fit_name, fold, new_figure, width_of

ROW = 0.3
_SMALL = 7.5
_COLOURS = ("#2a6fbb", "#c8641e", "#3a8f5c", "#7d4ba0", "#8a8a1f", "#b04a6a")
_GREY = "0.55"


def draw_measures(
    ranking: pd.DataFrame, panels: Mapping[str, str], titles: Mapping[str, str], floor: str
) -> Figure:
    """Draw every method's mean and 95 % interval, a panel a measure.

    Parameters
    ----------
    ranking
        Of `zollstock.locate.ranking.rank_methods`.
    panels
        Measure → its title. Methods are in the order of the first one's means.
    titles
        Property → its name in figures.
    floor
        The method that the others are held against: the last row, grey.
    """
    shown = {
        measure: rows[np.isfinite(rows["mean"])]
        for measure in panels
        if len(rows := ranking[ranking["measure"] == measure])
    }
    shown = {measure: rows for measure, rows in shown.items() if len(rows)}
    first = next(iter(shown.values()), ranking)
    order = list(
        dict.fromkeys(
            first.groupby("method", sort=False)["mean"].mean().sort_values(ascending=False).index
        )
    )
    methods = [*[m for m in order if m != floor]]
    methods += [m for m in dict.fromkeys(ranking["method"]) if m not in {*methods, floor}]
    methods += [floor] if floor in set(ranking["method"]) else []
    names = [fold(method, 1.5, _SMALL, lines=1)[0] for method in methods]
    before = max((width_of(name, _SMALL) for name in names), default=0.5) + 0.2
    kinds = max((rows.groupby("method").size().max() for rows in shown.values()), default=1)
    row = max(ROW, 0.1 * int(kinds))
    count = max(len(shown), 1)
    wide = (DOUBLE - before - 0.15 - 0.2 * (count - 1)) / count
    looks = _looks(shown.values(), titles)
    keys = {measure: _keys(rows, titles, wide - 0.3, looks) for measure, rows in shown.items()}
    below = 0.5 + 0.16 * max((len(key) for key in keys.values()), default=1)
    height = 0.5 + row * max(len(methods), 1) + below
    figure = new_figure(DOUBLE, height)
    for place, (measure, rows) in enumerate(shown.items()):
        left = before + place * (wide + 0.2)
        axes = figure.add_axes(
            (left / DOUBLE, below / height, wide / DOUBLE, row * len(methods) / height)
        )
        _panel(axes, rows, methods, keys[measure], floor)
        title = "\n".join(fold(panels[measure], wide, 8.5))
        axes.set_title(title, fontsize=8.5, loc="left")
        axes.set_yticks(range(len(methods)), names if place == 0 else [""] * len(methods))
        axes.tick_params(axis="both", labelsize=_SMALL)
        handles = [
            Line2D([], [], color=colour, marker=mark, ls="", ms=4, label=words)
            for words, colour, mark in keys[measure].values()
            if words
        ]
        if handles:
            axes.legend(
                handles=handles,
                loc="upper left",
                bbox_to_anchor=(-0.02, -0.32 / (row * len(methods))),
                fontsize=7,
                handletextpad=0.2,
                borderpad=0,
                labelspacing=0.25,
            )
    return figure


def _looks(
    tables: Iterable[pd.DataFrame], titles: Mapping[str, str]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Return fill or property → colour and marker: those of a property are the same throughout."""
    pairs = [pair for rows in tables for pair in zip(rows["fill"], rows["property"], strict=True)]
    found = dict.fromkeys(_look(*pair) for pair in pairs)
    order = list(titles)
    named = sorted(found, key=lambda look: order.index(look[1]) if look[1] in order else -1)
    return {
        look: (_COLOURS[place % len(_COLOURS)], MARKERS[place % len(MARKERS)])
        for place, look in enumerate(named)
    }


def _look(fill: str, prop: str) -> tuple[str, str]:
    return ("", prop) if prop else (fill, "")


def _keys(
    rows: pd.DataFrame,
    titles: Mapping[str, str],
    wide: float,
    looks: Mapping[tuple[str, str], tuple[str, str]],
) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Return (fill, property) → words of at most `wide` inches, colour and marker."""
    pairs = list(dict.fromkeys(zip(rows["fill"], rows["property"], strict=True)))
    several = len({prop for _, prop in pairs if prop}) > 1 or not any(f for f, _ in pairs)
    found = {}
    order = list(looks)
    for fill, prop in sorted(pairs, key=lambda pair: order.index(_look(*pair))):
        words = [f"fill: {fill}" if fill else "", titles.get(prop, prop) if several else ""]
        text = fit_name(", ".join(filter(None, words)), wide, 7) if any(words) else ""
        found[fill, prop] = (text, *looks[_look(fill, prop)])
    return found


def _panel(
    axes: Axes,
    rows: pd.DataFrame,
    methods: Sequence[str],
    keys: Mapping[tuple[str, str], tuple[str, str, str]],
    floor: str,
) -> None:
    axes.axvline(0, color="0.85", lw=0.8, zorder=0)
    step = 0.7 / max(len(keys), 1)
    for place, (pair, (_, colour, mark)) in enumerate(keys.items()):
        mine = rows[(rows["fill"] == pair[0]) & (rows["property"] == pair[1])]
        for one in mine.to_dict("records"):
            y = methods.index(one["method"]) + (place - (len(keys) - 1) / 2) * step
            shade = _GREY if one["method"] == floor else colour
            axes.plot([one["low"], one["high"]], [y, y], color=shade, lw=1.1)
            axes.plot([one["mean"]], [y], marker=mark, color=shade, ms=3.6, ls="")
    axes.set_ylim(len(methods) - 0.5, -0.5)
    axes.grid(axis="y", color="0.94", lw=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
