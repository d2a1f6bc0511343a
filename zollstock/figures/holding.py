"""Whether maps hold, and how alike the maps of different methods are."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.arrays import Array
from zollstock.figures.style import DOUBLE, MARKERS, fold, new_figure, width_of
from zollstock.figures.tables import draw_cells, write_cell

_SMALL = 7.5
_ROW = 0.3
_FLAT = 0.5
"""Least width of a cell above which a name is written level, inches."""
_ROOM = 0.28
"""Least width of a cell that carries a number, inches."""
_HELD = {
    "noise spearman": (
        "under noise",
        "#2a6fbb",
        "with the same method's map under noise (1 holds best)",
    ),
    "output spearman": (
        "another class",
        "#c8641e",
        "with that of another class (the lower, the more it says of the class)",
    ),
    "reference effects": (
        "every coalition of a grid",
        "#3a8f5c",
        "of its sum per cell of a grid with exact Shapley values",
    ),
}
_NOTE = (
    "Spearman's rank correlation of maps of the unedited pictures, means over images and models. "
    "Red maps agree, blue ones have their signs turned. "
)
_RIGHT = "Right, with 95 % intervals over images:"


def draw_holding(likeness: pd.DataFrame, ranking: pd.DataFrame) -> Figure:
    """Draw the likeness of any two methods' maps and, where it was asked for, how maps hold.

    Parameters
    ----------
    likeness
        Of `zollstock.locate.ranking.likeness_of_methods`.
    ranking
        Of `zollstock.locate.ranking.rank_methods`.
    """
    pairs = likeness[likeness["measure"] == "spearman"]
    held = {
        measure: rows[np.isfinite(rows["mean"])]
        for measure in _HELD
        if len(rows := ranking[ranking["measure"] == measure])
    }
    held = {measure: rows for measure, rows in held.items() if len(rows)}
    named = [*pairs["method"], *pairs["other"]]
    named += [method for rows in held.values() for method in rows["method"]]
    methods = list(dict.fromkeys(named))
    values = _values(pairs, methods)
    compared = bool(np.isfinite(values).any())
    count = max(len(methods), 1)
    names = [fold(method, 1.3, _SMALL, lines=1)[0] for method in methods]
    before = max((width_of(name, _SMALL) for name in names), default=0.5) + 0.2
    cell = min((DOUBLE - before - (2.3 if held else 0.3)) / count, 0.55) if compared else 0.0
    flat = _level(names, cell)
    head = 0.3 + (0.35 if flat or not compared else before)
    tall = _ROW * count
    width = DOUBLE if held else max(before + cell * count + 0.1, 4.2)
    told = "; ".join(_HELD[measure][2] for measure in held)
    note = fold(_NOTE + (f"{_RIGHT} {told}." if held else ""), width - 0.3, 7, lines=4)
    below = 0.35 + 0.13 * len(note) + (0.15 * len(held) + 0.15 if held else 0)
    height = head + tall + below
    figure = new_figure(width, height)
    if compared:
        place = (before / width, below / height, cell * count / width, tall / height)
        _matrix(figure.add_axes(place), values, cell, names)
        figure.text(before / width, 1 - 0.2 / height, "of two methods", fontsize=8.5)
    if held:
        left = before + cell * count + (0.25 if compared else 0)
        beside = figure.add_axes(
            (left / width, below / height, (DOUBLE - left - 0.1) / width, tall / height)
        )
        _held(beside, held, methods, tall)
        beside.set_yticks(np.arange(count) + 0.5, [""] * count if compared else names)
        figure.text(left / width, 1 - 0.2 / height, "of a method with itself", fontsize=8.5)
    if not held and not compared:
        figure.text(0.1 / width, 1 - 0.3 / height, "There are no two maps to compare.", fontsize=8)
    for number, text in enumerate(note):
        figure.text(0.1 / width, (0.13 * (len(note) - number) - 0.05) / height, text, fontsize=7)
    return figure


def _level(names: Sequence[str], cell: float) -> bool:
    """Return whether names have room above cells without a word being broken."""
    words = [word for name in names for word in name.split()]
    return cell >= _FLAT and all(width_of(word, 7) <= 0.9 * (cell - 0.04) for word in words)


def _values(pairs: pd.DataFrame, methods: Sequence[str]) -> Array:
    """Return the correlations as a symmetric matrix; NaN on its diagonal, which says nothing."""
    found = np.full((len(methods), len(methods)), np.nan)
    for row in pairs.to_dict("records"):
        one, other = methods.index(row["method"]), methods.index(row["other"])
        found[one, other] = found[other, one] = row["mean"]
    return found


def _matrix(axes: Axes, values: Array, cell: float, names: Sequence[str]) -> None:
    mesh = draw_cells(axes, values, {"cmap": "RdBu_r", "vmin": -1, "vmax": 1})
    axes.set_xticks([])
    axes.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=_SMALL)
    axes.tick_params(length=0, pad=2)
    flat = _level(names, cell)
    for place, name in enumerate(names):
        axes.annotate(
            "\n".join(fold(name, cell - 0.04, 7)) if flat else name,
            (place + 0.5, 0),
            xytext=(0, 3),
            textcoords="offset points",
            rotation=0 if flat else 90,
            fontsize=7 if flat else _SMALL,
            ha="center",
            va="bottom",
            annotation_clip=False,
        )
    for at, value in np.ndenumerate(values):
        if cell >= _ROOM and at[0] != at[1]:
            text = f"{round(value, 2) + 0.0:.2f}".replace("-", "−") if np.isfinite(value) else "–"
            write_cell(axes, at, text.replace("0.", "."), mesh, value, fontsize=7)


def _held(
    axes: Axes, held: Mapping[str, pd.DataFrame], methods: Sequence[str], tall: float
) -> None:
    axes.axvline(0, color="0.85", lw=0.8, zorder=0)
    handles = []
    for place, (measure, rows) in enumerate(held.items()):
        words, colour, _ = _HELD[measure]
        mark = MARKERS[place]
        handles.append(Line2D([], [], color=colour, marker=mark, ls="", ms=4, label=words))
        shift = (place - (len(held) - 1) / 2) * 0.22
        for row in rows.to_dict("records"):
            y = methods.index(row["method"]) + 0.5 + shift
            axes.plot([row["low"], row["high"]], [y, y], color=colour, lw=1.1)
            axes.plot([row["mean"]], [y], marker=mark, color=colour, ms=3.6, ls="")
    axes.set(xlim=(-1.05, 1.05), ylim=(len(methods), 0))
    axes.grid(axis="y", color="0.94", lw=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="both", labelsize=_SMALL)
    axes.tick_params(axis="y", length=0)
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(-0.02, -0.25 / tall),
        fontsize=7,
        handletextpad=0.2,
        borderpad=0,
        labelspacing=0.25,
    )
