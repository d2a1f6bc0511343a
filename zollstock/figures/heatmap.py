"""Scores of all images: a panel a property, images × models, on one colour scale."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.figures.style import DOUBLE, cut_name, fold, new_figure, width_of
from zollstock.figures.tables import draw_cells, write_cell
from zollstock.wording import counted, two_digits

NUMBERED = 40
"""Images up to which cells carry numbers and names."""

_CELL, _BETWEEN, _BAR = 0.56, 0.22, 0.62  # inches
_SMALL = 7.0
_UPRIGHT = 1.25
"""Inches for names that stand on end."""


def draw_heatmap(
    scores: pd.DataFrame,
    tests: pd.DataFrame,
    models: Sequence[str],
    *,
    alpha: float,
    titles: Mapping[str, str],
    statistic: str,
) -> Figure:
    """Draw the scores of every image, a panel a property.

    Parameters
    ----------
    scores
        The score table; replicates are averaged. A missing score leaves its cell white, with a
        dash.
    tests
        The table of tests.
    models
        Columns, in order.
    alpha
        Scores whose placebo test has p > alpha stand in parentheses; those without a p have an
        asterisk.
    titles
        Property → its name in figures; the panels, in order.
    statistic
        Which score is drawn.
    """
    table = scores[scores["statistic"] == statistic]
    images = [str(name) for name in dict.fromkeys(table["image"])]
    few = len(images) <= NUMBERED
    names = [cut_name(name) for name in images] if few else []
    before = max((width_of(name, _SMALL) for name in names), default=0.2) + 0.12
    least = _CELL if few else 0.25
    room = DOUBLE - before - _BAR
    across = max(1, min(len(titles), int((room + _BETWEEN) / (least * len(models) + _BETWEEN))))
    cell = min((room + _BETWEEN) / across - _BETWEEN, 1.1 * len(models)) / len(models)
    rows = -(-len(titles) // across)
    heads = [fold(title, cell * len(models), 8, lines=3) for title in titles.values()]
    upright = cell < max(min(width_of(str(model), _SMALL), 1.0) for model in models)
    wide = _UPRIGHT if upright else _heights(cell, len(models))
    columns = [fold(str(model), wide, _SMALL, lines=2) for model in models]
    above = 0.12 + 0.15 * max(map(len, heads))
    under = 0.1 + (_UPRIGHT if upright else 0.13 * max(map(len, columns)))
    line = 0.19 if few else min(0.06, 6.0 / len(images))
    tall = line * max(len(images), 3)
    height = (above + tall + under) * rows + 0.05
    figure = new_figure(DOUBLE, height)
    scale = _scale(table, statistic)
    mesh = None
    for place, name in enumerate(titles):
        row, column = divmod(place, across)
        left = before + column * (cell * len(models) + _BETWEEN)
        bottom = height - (above + tall + under) * row - above - tall
        axes = figure.add_axes(
            (left / DOUBLE, bottom / height, cell * len(models) / DOUBLE, tall / height)
        )
        mine = table[table["property"] == name]
        values = mine.groupby(["image", "model"], sort=False)["score"].mean().unstack("model")
        values = values.reindex(index=images, columns=list(models))
        mesh = draw_cells(axes, values.to_numpy(), scale)
        if few:
            p = tests[tests["property"] == name].pivot(index="image", columns="model", values="p")
            p = p.reindex(index=images, columns=list(models)).to_numpy()
            _write_numbers(axes, values.to_numpy(), p, mesh, alpha, cell)
        axes.set_title("\n".join(heads[place]), loc="left", fontsize=8, pad=3)
        how: dict[str, Any] = {"rotation": 90} if upright else {}
        axes.set_xticks(np.arange(len(models)) + 0.5, _labels(columns), fontsize=_SMALL, **how)
        axes.set_yticks(np.arange(len(names)) + 0.5, names if column == 0 else [""] * len(names))
        axes.tick_params(length=0, labelsize=_SMALL, pad=2)
        if not few and column == 0:
            axes.set_ylabel(counted(len(images), "image"), fontsize=8)
    _bar(figure, mesh, statistic, height)
    return figure


def _heights(cell: float, models: int) -> float:
    return max(cell - 0.04, 0.45) if models > 1 else max(cell, 1.0)


def _labels(columns: Sequence[Sequence[str]]) -> list[str]:
    return ["\n".join(lines) for lines in columns]


def _scale(table: pd.DataFrame, statistic: str) -> dict[str, Any]:
    # A correlation has a sign; the other statistics start at 0.
    if statistic == "corr":
        return {"cmap": "RdBu_r", "vmin": -1, "vmax": 1}
    return {"cmap": "viridis", "vmin": 0, "vmax": float(np.fmax(table["score"].max(), 1e-9))}


def _write_numbers(
    axes: Axes,
    values: Any,  # noqa: ANN401 - arrays
    p: Any,  # noqa: ANN401
    mesh: Any,  # noqa: ANN401
    alpha: float,
    cell: float,
) -> None:
    for place, value in np.ndenumerate(values):
        words = two_digits(value) if not 0 < abs(value) < 1e-3 else f"{value:.0e}"
        words = words.replace("e-0", "e−")
        if np.isfinite(value):
            words = f"{words}*" if np.isnan(p[place]) else words
            words = f"({words})" if p[place] > alpha else words
        if width_of(words, _SMALL) <= cell:
            write_cell(axes, place, words, mesh, value, _SMALL)


def _bar(figure: Figure, mesh: Any, statistic: str, height: float) -> None:  # noqa: ANN401
    long = min(1.6, height - 0.4)
    at = ((DOUBLE - _BAR + 0.12) / DOUBLE, 1 - (0.3 + long) / height, 0.09 / DOUBLE, long / height)
    axes = figure.add_axes(at)
    figure.colorbar(mesh, cax=axes)
    axes.tick_params(labelsize=_SMALL, length=2, pad=1)
    axes.set_title(statistic, fontsize=_SMALL, loc="left", pad=4)
