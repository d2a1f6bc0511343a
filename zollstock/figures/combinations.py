"""A grid of perturbation methods: a heat map of SRG, a panel for each fill it is judged with."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from zollstock.arrays import Array
from zollstock.figures.style import DOUBLE, cut_name, fold, new_figure, width_of
from zollstock.figures.tables import draw_cells, write_cell

ALL = "all"
_SMALL = 7.0
_LINE, _BAR, _TITLE, _BELOW = 0.2, 0.6, 0.3, 0.12  # inches
_HEAD = 1.1
"""Length of a column's name, inches; a longer one takes two lines."""
_ROOM = 0.3
"""Least width of a cell that carries a number."""


def draw_combinations(combinations: pd.DataFrame) -> Figure:
    """Draw SRG: rows are segments × samples (× fill, of several), columns attributer × per.

    Panels have a scale each, since the level hangs on the fill of the curves. The best
    combination of a panel has a frame.

    Parameters
    ----------
    combinations
        Of `zollstock.locate.standing.stand_combinations`; the rows over all models are drawn, or
        of the only model.
    """
    models = list(dict.fromkeys(combinations["model"]))
    model = ALL if ALL in models else (models[0] if models else "")
    table = combinations[combinations["model"] == model]
    # Parts in the order of their best: the table has the best first.
    fills = list(dict.fromkeys(table["fill"]))
    told = ["segments", "samples", *(["fill"] if len(fills) > 1 else [])]
    rows = _sorted(table, told)
    columns = _sorted(table, ["attribute", "per"])
    panels = list(dict.fromkeys(zip(table["evaluated"], table["property"], strict=True)))
    words = [cut_name(", ".join(row), 60) for row in rows]
    before = min(max((width_of(name, _SMALL) for name in words), default=0.5), 3.0) + 0.25
    words = [fold(name, before - 0.1, _SMALL, lines=1)[0] for name in words]
    wide = min(DOUBLE - before - _BAR, 0.62 * max(len(columns), 1))
    cell = wide / max(len(columns), 1)
    heads = [fold(f"{attribute}, {per}", _HEAD, _SMALL) for attribute, per in columns]
    head = 0.14 + max((width_of(line, _SMALL) for lines in heads for line in lines), default=0.5)
    tall = _LINE * max(len(rows), 1)
    height = head + (_TITLE + tall + _BELOW) * max(len(panels), 1) + 0.1
    width = before + wide + _BAR
    figure = new_figure(width, height)
    for place, (fill, prop) in enumerate(panels):
        bottom = height - head - (_TITLE + tall + _BELOW) * place - _TITLE - tall
        axes = figure.add_axes((before / width, bottom / height, wide / width, tall / height))
        mine = table[(table["evaluated"] == fill) & (table["property"] == prop)]
        mesh = _panel(axes, _matrix(mine, told, rows, columns), cell)
        where = f"{fill}, {prop}" if prop else fill
        title = f"SRG, curves with the fill {where}"
        axes.set_title(fold(title, wide, 8, lines=1)[0], fontsize=8, loc="left", pad=3)
        axes.set_yticks(np.arange(len(rows)) + 0.5, words, fontsize=_SMALL)
        _columns(axes, heads if place == 0 else [])
        if mesh is not None:
            left = (before + wide + 0.1) / width
            bar = figure.add_axes((left, bottom / height, 0.09 / width, tall / height))
            figure.colorbar(mesh, cax=bar)
            bar.tick_params(labelsize=7, length=2, pad=1)
    return figure


def _sorted(table: pd.DataFrame, keys: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the combinations of some parts; each part in order of its mean SRG."""
    if not len(table):
        return []
    ranks = []
    for key in keys:
        means = table.groupby(key, sort=False)["srg"].mean().sort_values(ascending=False)
        ranks.append({name: place for place, name in enumerate(means.index)})
    found = list(table[list(keys)].drop_duplicates().itertuples(index=False, name=None))
    return sorted(
        found, key=lambda parts: [rank[part] for rank, part in zip(ranks, parts, strict=True)]
    )


def _matrix(
    rows: pd.DataFrame,
    told: Sequence[str],
    down: Sequence[tuple[str, ...]],
    across: Sequence[tuple[str, ...]],
) -> Array:
    values = np.full((len(down), len(across)), np.nan)
    for row in rows.to_dict("records"):
        place = down.index(tuple(row[key] for key in told))
        values[place, across.index((row["attribute"], row["per"]))] = row["srg"]
    return values


def _panel(axes: Axes, values: Array, cell: float) -> Any:  # noqa: ANN401 - a mappable
    finite = values[np.isfinite(values)]
    if not finite.size:
        axes.set_axis_off()
        return None
    low, high = float(finite.min()), float(finite.max())
    scale = {"cmap": "viridis", "vmin": low, "vmax": high if high > low else low + 0.01}
    mesh = draw_cells(axes, values, scale)
    axes.tick_params(length=0, pad=2)
    digits = 2 if high - low >= 0.02 else 3
    if cell >= _ROOM:
        for place, value in np.ndenumerate(values):
            text = f"{value:.{digits}f}".replace("-", "−") if np.isfinite(value) else "–"
            write_cell(axes, place, text, mesh, value, fontsize=_SMALL)
    row, column = np.unravel_index(int(np.nanargmax(values)), values.shape)
    axes.add_patch(
        Rectangle(
            (float(column), float(row)), 1, 1, fill=False, ec="#b2182b", lw=1.4, clip_on=False
        )
    )
    return mesh


def _columns(axes: Axes, heads: Sequence[Sequence[str]]) -> None:
    axes.set_xticks([])
    for place, lines in enumerate(heads):
        axes.annotate(
            "\n".join(lines),
            (place + 0.5, 0),
            xytext=(0, 20),
            textcoords="offset points",
            rotation=90,
            ha="center",
            va="bottom",
            multialignment="left",
            linespacing=0.95,
            fontsize=_SMALL,
        )
