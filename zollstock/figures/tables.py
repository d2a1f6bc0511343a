"""Tables as figures: coloured cells with numbers in them, and the models' accuracy."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.figures.style import DOUBLE, fit_name, fold, new_figure, width_of


def draw_cells(axes: Axes, values: Any, scale: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Draw a matrix, its first row on top, and return what a colour bar needs."""
    mesh = axes.pcolormesh(np.ma.masked_invalid(values), rasterized=values.size > 2000, **scale)
    axes.invert_yaxis()
    axes.set_frame_on(False)
    return mesh


def write_cell(
    axes: Axes,
    place: tuple[int, ...],
    words: str,
    mesh: Any,  # noqa: ANN401 - a mappable
    value: float,
    fontsize: float = 8,
) -> None:
    """Write into a cell, dark on light and light on dark."""
    red, green, blue, _ = mesh.cmap(mesh.norm(value)) if np.isfinite(value) else (1, 1, 1, 1)
    dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.4
    row, column = place
    how: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": fontsize}
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
    names = [fit_name(str(name), 1.8, 8) for name in values.index]
    before = max(width_of(name, 8) for name in names) + 0.45
    cell = min(1.1, (DOUBLE - before - 1.0) / columns)
    heads = _columns(values.columns, cell)
    width, tall = max(before + cell * columns + 1.0, 3.2), 0.4 * rows
    below = 0.34 + 0.14 * max(head.count("\n") + 1 for head in heads)
    height = 0.12 + max(tall, 1.0) + below
    figure = new_figure(width, height)
    top = 1 - 0.12 / height
    place = (before / width, top - tall / height, cell * columns / width, tall / height)
    axes = figure.add_axes(place)
    mesh = draw_cells(axes, values.to_numpy(), {"cmap": "viridis", "vmin": 0, "vmax": 100})
    long = max(tall, 1.0) / height
    beside = figure.add_axes(
        ((before + cell * columns + 0.12) / width, top - long, 0.1 / width, long)
    )
    figure.colorbar(mesh, cax=beside)
    beside.set_ylabel("accuracy, %", fontsize=8)
    beside.tick_params(labelsize=7)
    for place, value in np.ndenumerate(values.to_numpy()):
        # Models that are trained on other data are tested on other data.
        write_cell(axes, place, f"{value:.1f}" if np.isfinite(value) else "–", mesh, value)
    axes.set_xticks(np.arange(columns) + 0.5, heads)
    axes.set_yticks(np.arange(rows) + 0.5, names)
    axes.tick_params(length=0)
    least, most = int(accuracy["n"].min()), int(accuracy["n"].max())
    number = f"{least} images each" if least == most else f"{least} to {most} images"
    figure.text(before / width, 0.06 / height, f"split ({number})", fontsize=8.5)
    return figure
