"""Figures of score tables and of accuracy."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.figures.style import cut_name, fold, new_figure, width_of

NUMBERED = 40
"""Images up to which cells of a heat map carry numbers and names."""


def draw_heatmap(
    property_scores: pd.DataFrame,
    property_tests: pd.DataFrame,
    models: Sequence[str],
    *,
    alpha: float,
    title: str,
    highest: float,
) -> Figure:
    """Draw scores of one property and statistic, images × models.

    Parameters
    ----------
    property_scores
        Rows of the score table, averaged over replicates; a missing score leaves its cell
        white, with a dash.
    property_tests
        Rows of the table of tests.
    models
        Columns, in order.
    alpha
        Scores whose placebo test has p > alpha are written in parentheses.
    title
        Above the figure.
    highest
        Score of the darkest colour, so that properties can be compared.
    """
    means = property_scores.groupby(["image", "model"], sort=False)["score"].mean()
    values = means.unstack("model")[list(models)]
    tests = property_tests.pivot(index="image", columns="model", values="p")
    p = tests.loc[values.index, list(models)].to_numpy()
    few = len(values) <= NUMBERED
    statistic = str(property_scores["statistic"].iloc[0])
    # A correlation has a sign; the other statistics start at 0.
    scale: dict[str, Any] = {"cmap": "viridis", "vmin": 0, "vmax": highest}
    if statistic == "corr":
        scale = {"cmap": "RdBu_r", "vmin": -1, "vmax": 1}
    names = [cut_name(str(name)) for name in values.index] if few else []
    before = max((width_of(name, 8) for name in names), default=0.3)
    cell = max(0.75, *(min(width_of(str(model), 8), 1.9) for model in models))
    width = max(before + cell * len(models) + 1.0, 3.0)
    height = min(0.75 + (0.24 if few else 0.06) * max(len(values), 3), 14)
    heading = fold(title, width - 0.3, 10)
    figure = new_figure(width, height + 0.17 * len(heading), layout="constrained")
    axes = figure.add_subplot()
    mesh = _draw_cells(axes, values.to_numpy(), scale)
    figure.colorbar(mesh, ax=axes, label=statistic, aspect=25, pad=0.02)
    if few:
        for place, value in np.ndenumerate(values.to_numpy()):
            known = bool(np.isfinite(value))
            words = f"{value:.2g}" if known else "–"
            _write_cell(
                axes, place, f"({words})" if known and p[place] > alpha else words, mesh, value
            )
    axes.set_xticks(np.arange(len(models)) + 0.5, _columns(models, cell))
    axes.set_yticks(np.arange(len(names)) + 0.5, names)
    axes.tick_params(length=0)
    axes.set_ylabel("" if few else f"{len(values)} images")
    figure.suptitle("\n".join(heading), x=0.1 / width, ha="left", fontsize=10)
    return figure


def _draw_cells(axes: Axes, values: Any, scale: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Draw a matrix, its first row on top, and return what a colour bar needs."""
    mesh = axes.pcolormesh(np.ma.masked_invalid(values), rasterized=values.size > 2000, **scale)
    axes.invert_yaxis()
    axes.set_frame_on(False)
    return mesh


def _write_cell(
    axes: Axes,
    place: tuple[int, ...],
    words: str,
    mesh: Any,  # noqa: ANN401 - a mappable
    value: float,
) -> None:
    """Write into a cell, dark on light and light on dark."""
    red, green, blue, _ = mesh.cmap(mesh.norm(value)) if np.isfinite(value) else (1, 1, 1, 1)
    dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.4
    row, column = place
    how: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8}
    axes.text(column + 0.5, row + 0.5, words, color="w" if dark else "0.15", **how)


def _columns(names: Sequence[str], width: float) -> list[str]:
    """Return names in lines that fit above or below columns of a width in inches."""
    return ["\n".join(fold(str(name), width - 0.06, 8, lines=3)) for name in names]


def draw_accuracy(accuracy: pd.DataFrame, trained: Sequence[str]) -> Figure:
    """Draw accuracy, models × test splits.

    Parameters
    ----------
    accuracy
        With the columns model, split, accuracy, n.
    trained
        Models, from top to bottom.
    """
    values = accuracy.pivot(index="model", columns="split", values="accuracy")
    values = values.loc[list(trained), list(dict.fromkeys(accuracy["split"]))] * 100
    rows, columns = values.shape
    names = [cut_name(str(name)) for name in values.index]
    width = 2.0 + max(width_of(name, 8) for name in names) + 1.1 * columns
    figure = new_figure(width, 0.9 + 0.45 * rows, layout="constrained")
    axes = figure.add_subplot()
    mesh = _draw_cells(axes, values.to_numpy(), {"cmap": "viridis", "vmin": 0, "vmax": 100})
    figure.colorbar(mesh, ax=axes, label="accuracy, %", pad=0.02)
    for place, value in np.ndenumerate(values.to_numpy()):
        _write_cell(axes, place, f"{value:.1f}", mesh, value)
    axes.set_xticks(np.arange(columns) + 0.5, _columns(values.columns, 1.1))
    axes.set_yticks(np.arange(rows) + 0.5, names)
    axes.tick_params(length=0)
    axes.set(xlabel=f"test split ({int(accuracy['n'].min())} images each)", ylabel="model")
    return figure
