"""How good methods of locating are, and what they say where there is nothing."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.figures.measures import draw_measures
from zollstock.figures.style import DOUBLE, fit_name, fold, new_figure, width_of, write_note
from zollstock.wording import two_digits

RANDOM, WITHIN = "random", "within"
_SMALL = 7.5
_PANELS = {
    "srg": "occlusion: SRG",
    "truth": "agreement with the exact parts",
    "mass": "share of the map on the property",
}
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
        write_note(figure, note, 0.3, lines=3, width=DOUBLE - 0.3)
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
