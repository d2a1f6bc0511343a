"""Tables as figures: coloured cells with numbers in them, and the models' accuracy."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.figures.style import cut_name, fold, new_figure, width_of


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
    names = [cut_name(str(name)) for name in values.index]
    width = 2.0 + max(width_of(name, 8) for name in names) + 1.1 * columns
    figure = new_figure(width, 0.9 + 0.45 * rows, layout="constrained")
    axes = figure.add_subplot()
    mesh = draw_cells(axes, values.to_numpy(), {"cmap": "viridis", "vmin": 0, "vmax": 100})
    figure.colorbar(mesh, ax=axes, label="accuracy, %", pad=0.02)
    for place, value in np.ndenumerate(values.to_numpy()):
        # Models that are trained on other data are tested on other data.
        write_cell(axes, place, f"{value:.1f}" if np.isfinite(value) else "–", mesh, value)
    axes.set_xticks(np.arange(columns) + 0.5, _columns(values.columns, 1.1))
    axes.set_yticks(np.arange(rows) + 0.5, names)
    axes.tick_params(length=0)
    least, most = int(accuracy["n"].min()), int(accuracy["n"].max())
    number = f"{least} images each" if least == most else f"{least} to {most} images"
    axes.set(xlabel=f"split ({number})", ylabel="model")
    return figure
