"""How good methods of locating are, and what they say where there is nothing."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.figures.style import DOUBLE, MARKERS, fit_name, fold, new_figure, width_of
from zollstock.wording import two_digits

RANDOM, WITHIN = "random", "within"
ROW = 0.3
_SMALL = 7.5
_PANELS = {
    "srg": "occlusion: SRG",
    "truth": "agreement with the exact parts",
    "mass": "share of the map on the property",
}
_COLOURS = ("#2a6fbb", "#c8641e", "#3a8f5c", "#7d4ba0", "#8a8a1f", "#b04a6a")
_GREY = "0.55"
_CONTROL = (
    "Share of |map| on the property, before → after the intervention; of the located property "
    "gradient the change that arises there, in the output's unit. In brackets: the change "
    "less that by placebo edits, in their standard deviations (alone where columns are "
    "narrow; none without placebos). Filled beyond ± 2."
)


def draw_ranking(ranking: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Draw every method's mean and 95 % interval by occlusion, truth and place.

    Parameters
    ----------
    ranking
        Of `zollstock.locate.ranking.rank_methods`.
    titles
        Property → its name in figures.
    """
    return draw_measures(ranking, _PANELS, titles, RANDOM)


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


def draw_control(control: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Draw the share of maps on the property before and after, in units of the placebos.

    Parameters
    ----------
    control
        Of `zollstock.locate.ranking.control_methods`.
    titles
        Property → its name in figures.
    """
    models = list(dict.fromkeys(control["model"]))
    rows = list(dict.fromkeys(zip(control["property"], control["method"], strict=True)))
    names = [fold(method, 1.6, _SMALL, lines=1)[0] for _, method in rows]
    groups = list(dict.fromkeys(prop for prop, _ in rows))
    before = max([width_of(name, _SMALL) for name in names] + [1.0]) + 0.25
    line, top = 0.22, 0.5
    lines = max(len(rows) + len(groups), 1)
    width = min(DOUBLE, before + 1.75 * max(len(models), 1) + 0.1)
    note = fold(_CONTROL, width - 0.2, 7, lines=12)
    below = 0.15 + 0.14 * len(note)
    height = top + line * lines + below
    cell = (width - before - 0.1) / max(len(models), 1)
    figure = new_figure(width, height)
    axes = figure.add_axes((0, below / height, 1, line * lines / height))
    axes.set(xlim=(0, width), ylim=(lines, 0))
    axes.set_axis_off()
    for column, model in enumerate(models):
        words = fit_name(model, 0.9 * (cell - 0.06), _SMALL)
        x = before + (column + 0.5) * cell
        axes.text(x, -0.5, words, ha="center", va="center", fontsize=_SMALL, weight="bold")
    place = 0
    by_key = {
        (row["property"], row["method"], row["model"]): row for row in control.to_dict("records")
    }
    for prop in groups:
        words = fold(titles.get(prop, prop), width - 0.2, _SMALL, lines=1)[0]
        axes.text(0.08, place + 0.5, words, va="center", fontsize=_SMALL, weight="bold")
        place += 1
        for method, name in ((m, n) for (p, m), n in zip(rows, names, strict=True) if p == prop):
            axes.text(0.16, place + 0.5, name, va="center", fontsize=_SMALL)
            for column, model in enumerate(models):
                _cell(axes, by_key.get((prop, method, model)), before + column * cell, place, cell)
            place += 1
    for number, text in enumerate(note):
        figure.text(0.1 / width, (below - 0.2 - 0.14 * number) / height, text, fontsize=7)
    return figure


def _cell(
    axes: Axes, row: Mapping[str, float] | None, left: float, place: int, width: float
) -> None:
    if row is None:
        axes.text(left + width / 2, place + 0.5, "–", ha="center", va="center", fontsize=_SMALL)
        return
    units = float(row["units"])
    if np.isfinite(units) and abs(units) > 2:
        colour = "#f4c7b4" if units > 0 else "#c6dcef"
        axes.fill_between(
            [left + 0.03, left + width - 0.03], place + 0.06, place + 0.94, color=colour, lw=0
        )
    start = "" if not np.isfinite(row["before"]) else f"{two_digits(row['before'])} → "
    words = f"{start}{two_digits(row['after'])}  ({_one_digit(units)})"
    words = words if np.isfinite(units) else f"{start}{two_digits(row['after'])}"
    if width_of(words, _SMALL) > width - 0.04:
        words = f"({_one_digit(units)})" if np.isfinite(units) else "–"
    axes.text(left + width / 2, place + 0.5, words, ha="center", va="center", fontsize=_SMALL)


def _one_digit(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    text = f"{value:+.1f}".replace("-", "−")
    return "0.0" if float(f"{value:.1f}") == 0 else text


def draw_flips(flips: pd.DataFrame) -> Figure:
    """Draw how well each number foretells a changed decision: ROC area, and accuracy in words.

    Parameters
    ----------
    flips
        Of `zollstock.locate.ranking.compare_flips`.
    """
    models = list(dict.fromkeys(flips["model"]))
    model = _compared(flips, models)
    rows = flips[flips["model"] == model].sort_values("auc", ascending=False, kind="stable")
    names = [fold(name, 2.2, _SMALL, lines=1)[0] for name in rows["predictor"]]
    before = max((width_of(name, _SMALL) for name in names), default=1.0) + 0.2
    line, top, below, right = 0.22, 0.55, 0.85, 2.2
    height = top + line * max(len(rows), 1) + below
    figure = new_figure(DOUBLE, height)
    wide = DOUBLE - before - right
    axes = figure.add_axes(
        (before / DOUBLE, below / height, wide / DOUBLE, line * max(len(rows), 1) / height)
    )
    axes.axvline(0.5, color="0.7", lw=0.8, ls=":")
    for place, row in enumerate(rows.to_dict("records")):
        colour = "#2a6fbb" if str(row["predictor"]).startswith("property gradient") else "0.35"
        axes.plot([row["low"], row["high"]], [place, place], color=colour, lw=1.2)
        axes.plot([row["auc"]], [place], marker="o", color=colour, ms=4)
        for column, key in enumerate(("accuracy", "accuracy_fair")):
            x = 1 + (0.45 + 0.95 * column) / wide
            axes.text(
                x,
                place,
                two_digits(float(row[key])),
                transform=axes.get_yaxis_transform(),
                va="center",
                ha="center",
                fontsize=_SMALL,
            )
    for column, words in enumerate(("accuracy,\nas published", "accuracy,\nfair")):
        x = 1 + (0.45 + 0.95 * column) / wide
        axes.text(
            x,
            -0.75,
            words,
            transform=axes.get_yaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=7,
        )
    axes.set_yticks(range(len(rows)), names, fontsize=_SMALL)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_xlim(-0.02, 1.02)
    axes.tick_params(axis="x", labelsize=_SMALL)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("area under the ROC curve, 95 % interval", fontsize=8)
    if len(rows):
        note = _paths(rows)
        if not np.isfinite(rows["auc"]).any():
            note += " Paths of both kinds are nowhere to be compared: nothing can be foretold."
        elif model == WITHIN:
            note += " Only paths of the same model are compared."
        elif WITHIN in models:
            note += (
                " Within no model both kinds occur: what is seen here tells models apart, "
                "and foretells nothing."
            )
        for number, text in enumerate(fold(note, DOUBLE - 0.3, 7, lines=3)):
            figure.text(0.1 / DOUBLE, (0.3 - 0.13 * number) / height, text, fontsize=7)
    return figure


def _paths(rows: pd.DataFrame) -> str:
    """Return on how many paths decisions change; a method without maps of all has fewer."""
    told = {key: sorted(set(rows[key].dropna())) for key in ("flips", "n", "majority")}
    flips, paths = (_range([f"{int(value)}" for value in told[key]]) for key in ("flips", "n"))
    common = _range([two_digits(float(value)) for value in told["majority"]])
    these = "paths" if len(told["n"]) < 2 else "paths, which differ from row to row"
    return (
        f"The decision changes on {flips} of {paths} {these}; saying the more frequent answer "
        f"every time is right on {common}."
    )


def _range(words: Sequence[str]) -> str:
    """Return a number, or the smallest and the largest one."""
    if not words:
        return "–"
    return words[0] if words[0] == words[-1] else f"{words[0]} to {words[-1]}"


def _compared(flips: pd.DataFrame, models: Sequence[str]) -> str:
    """Return whose rows are drawn: paths within models, where any can be compared; else all."""
    within = flips[flips["model"] == WITHIN]
    if np.isfinite(within["auc"].to_numpy(float)).any():
        return WITHIN
    return "all" if "all" in models else (models[0] if models else "")
