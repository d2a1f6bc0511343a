"""Heat maps of the followed output over a grid of two properties."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.arrays import Array
from zollstock.figures.style import fit_name, fold, new_figure

PANEL = 1.55
"""Width and height of a panel, inches."""

ACROSS = 3
"""Models beside each other; further ones stand below."""


def draw_grid(
    grid_surfaces: Mapping[str, Mapping[str, Array]],
    grid_axes: tuple[Array, Array],
    grid_scores: pd.DataFrame,
    grid_titles: Sequence[str],
    models: Sequence[str],
    *,
    title: str,
    boundary: float | None = 0.5,
) -> Figure:
    """Draw the followed output of every model over the grid: the mean, then image by image.

    Parameters
    ----------
    grid_surfaces
        Image → model → followed output, shape (A, B): the first property along A.
    grid_axes
        Values of the two properties, (A,) and (B,).
    grid_scores
        Rows of the table of grids for this grid, first replicates.
    grid_titles
        What the two properties are called.
    models
        Columns, in order.
    title
        Above the figure.
    boundary
        Where the decision turns; None where the output has no such number.
    """
    blocks = [list(models[first : first + ACROSS]) for first in range(0, len(models), ACROSS)]
    images = [("mean of all images", None), *((name, name) for name in grid_surfaces)]
    rows = [(*image, block) for block in blocks for image in images]
    across = len(blocks[0])
    width = 1.0 + PANEL * across + 0.7
    heading = fold(title, width - 0.3, 10)
    height = 0.5 + 0.17 * len(heading) + (PANEL + 0.42) * len(rows)
    figure = new_figure(width, height, layout="constrained")
    figure.suptitle("\n".join(heading), fontsize=10)
    grid = figure.subplots(len(rows), across, squeeze=False, sharex=True, sharey=True)
    means = grid_scores.groupby("model", sort=False)[_MAGNITUDES].mean()
    each = grid_scores.set_index(["image", "model"])[_MAGNITUDES]
    drawn = None
    for line, (name, image, block) in zip(grid, rows, strict=True):
        for axes in line[len(block) :]:
            axes.set_axis_off()
        for axes, model in zip(line, block, strict=False):
            if image is None:
                values, magnitudes = _mean(grid_surfaces, model), means.loc[model]
            else:
                values, magnitudes = grid_surfaces[image][model], each.loc[(image, model)]
            drawn = _draw_panel(axes, values, grid_axes, magnitudes, boundary) or drawn
            if image is None:
                axes.set_title(fit_name(str(model), PANEL - 0.15, 8), fontsize=8)
        upwards = [fit_name(words, PANEL - 0.1, 7.5) for words in (name, grid_titles[1])]
        line[0].set_ylabel("\n".join(upwards), fontsize=7.5)
    for axes in grid[-1][: len(blocks[-1])]:
        words = axes.get_xlabel()
        under = fold(grid_titles[0], PANEL - 0.1, 7, lines=1)[0]
        axes.set_xlabel(f"{words}\n{under}", fontsize=7)
    if drawn is not None:
        long = min(0.9, 3.0 / height)
        tall = long * height / 0.12  # lengths of its width, which is the same in every figure
        bar = figure.colorbar(
            drawn, ax=list(grid.flat), shrink=long, aspect=tall, pad=0.02, anchor=(0, 1)
        )
        bar.set_label("followed output", fontsize=8)
        bar.ax.tick_params(labelsize=7)
    return figure


_MAGNITUDES = ["partial_first", "partial_second", "interaction"]


def _mean(grids: Mapping[str, Mapping[str, Array]], model: str) -> Array:
    """Return the mean over the images that have a number everywhere, NaN if none has."""
    whole = [of[model] for of in grids.values() if np.isfinite(of[model]).all()]
    shape = next(iter(grids.values()))[model].shape
    return np.mean(whole, axis=0) if whole else np.full(shape, np.nan)


def _draw_panel(
    axes: Axes,
    values: Array,
    along: tuple[Array, Array],
    magnitudes: pd.Series,
    boundary: float | None,
) -> Any:  # noqa: ANN401 - what a colour bar is made from
    axes.tick_params(labelsize=7)
    axes.locator_params(nbins=4)
    if not np.isfinite(values).all():
        axes.text(0.5, 0.5, "failed", ha="center", transform=axes.transAxes, color="0.35")
        return None
    first, second = along
    # Probabilities alone turn at one half, and have a fixed scale.
    bounded = boundary == 0.5 and values.min() >= 0 and values.max() <= 1
    scale: dict[str, Any] = {"vmin": 0.0, "vmax": 1.0} if bounded else {}
    mesh = axes.pcolormesh(first, second, values.T, cmap="viridis", shading="gouraud", **scale)
    if boundary is not None and values.min() < boundary < values.max():
        axes.contour(first, second, values.T, levels=[boundary], colors="white", linewidths=1.0)
    across, upwards, both = (f"{magnitudes[key]:.2f}" for key in _MAGNITUDES)
    words = f"→ {across}   ↑ {upwards}   × {both}"
    axes.set_xlabel(words, fontsize=7)
    axes.xaxis.set_tick_params(labelbottom=True)
    return mesh
