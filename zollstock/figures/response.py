"""Dose and response: what a model says along a property, over all images at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zollstock.arrays import Array
from zollstock.figures.panels import (
    BAND,
    CLOSING,
    FEWEST,
    FLATTEST,
    closing,
    draw_round,
    held,
    limits_of,
)
from zollstock.figures.sentences import axis_words
from zollstock.figures.style import DOUBLE, fit_name, fold, margins, new_figure
from zollstock.significance.beside import Beside
from zollstock.wording import counted

_POINTS = 65
"""Places at which paths with axes of their own are averaged."""


def draw_response(
    axes_of: Mapping[str, Array],
    curves: Mapping[str, Mapping[str, Array]],
    unedited: Mapping[str, Mapping[str, float]],
    placebos: Mapping[str, Mapping[str, Beside]],
    property_tests: pd.DataFrame,
    looks: Mapping[str, Mapping[str, Any]],
    *,
    title: str,
    axis_title: str,
    period: float | None = None,
    boundary: float | None,
    bounds: tuple[float, float] | None = None,
    flattest: float = FLATTEST,
) -> Figure:
    """Draw the followed output along a property, a panel a model: images, mean and placebos.

    Thin lines are images, the thick one their mean, the coloured band their middle half. The grey
    band is what the mean becomes if each edit is replaced by a placebo of its size, 5–95 % of the
    placebos; it is drawn where at least half of the images have placebos.

    Parameters
    ----------
    axes_of
        Image → property values, shape (S,), NaN at unused steps.
    curves, unedited, placebos, looks
        As in `zollstock.figures.cards.draw_cards`.
    property_tests
        Rows of the table of tests; `output` names what is followed.
    title, axis_title
        The property's name, and what its axis counts.
    boundary
        Where the decision turns; None where the output has no such number.
    bounds
        Between which numbers the output lies, if there are such.
    period
        Of an axis that closes on itself: curves are led back to their first point.
    flattest
        The least span of the axis upwards.
    """
    images = [name for name in unedited if np.isfinite(axes_of[name]).sum() > 1]
    models = list(looks)
    columns = min(len(models), 3)
    rows = -(-len(models) // columns)
    heading = fold(f"{title}: {counted(len(images), 'image')}", DOUBLE - 0.7, 9)
    above, below, tall = 0.12 + 0.17 * len(heading), 0.62, 1.75
    height = above + tall * rows + below
    figure = new_figure(DOUBLE, height)
    figure.suptitle("\n".join(heading), x=0.55 / DOUBLE, y=1 - 0.06 / height, ha="left", fontsize=9)
    grid = figure.subplots(
        rows,
        columns,
        sharex=True,
        sharey=True,
        squeeze=False,
        gridspec_kw={
            **margins(DOUBLE, height, left=0.55, right=0.12, top=above + 0.25, bottom=below),
            "hspace": 0.25,
            "wspace": 0.14,
        },
    )
    axis = common_axis([axes_of[name] for name in images])
    banded, limits = False, [np.array([0.0])] if not images else []
    for panel, model in zip(grid.flat, models, strict=False):
        wide = (DOUBLE - 0.67) / columns - 0.2
        panel.set_title(fit_name(model, wide, 8), loc="left", fontsize=8, pad=3)
        panel.tick_params(labelsize=7, length=2.5)
        if not images:
            panel.text(0.5, 0.5, "no path", transform=panel.transAxes, ha="center", fontsize=8)
            continue
        values = np.array([along(axes_of[name], curves[name][model], axis) for name in images])
        beside = [placebos[name][model] for name in images]
        still = np.array([unedited[name][model] for name in images])
        banded |= _draw_placebos(panel, axis, (still, beside), bounds)
        _draw_images(panel, axis, values, looks[model], period)
        limits.append(values)
        if boundary is not None:
            panel.axhline(boundary, color="0.45", lw=0.7, ls=(0, (4, 3)), zorder=1, gid="boundary")
    grid[0, 0].set_ylim(*limits_of(limits, flattest))
    # In the order of the frames, so that a falling axis falls.
    draw_round(grid[0, 0], axis, period)
    for panel in list(grid.flat)[len(models) :]:
        panel.set_axis_off()
    figure.supylabel(axis_words(property_tests["output"].dropna()), fontsize=8, x=0.01)
    under = fold(axis_title, DOUBLE - 0.8, 8, lines=1)[0]
    figure.text(0.55 / DOUBLE, 0.32 / height, under, fontsize=8, va="center")
    _legend(figure, banded, boundary is not None, looks[models[0]]["color"])
    return figure


def common_axis(axes: list[Array]) -> Array:
    """Return one axis for all paths: theirs if they share one, else even places over all."""
    used = [axis[np.isfinite(axis)] for axis in axes]
    if not used:
        return np.empty(0)
    if all(np.array_equal(axis, used[0]) for axis in used):
        return used[0]
    low, high = min(axis.min() for axis in used), max(axis.max() for axis in used)
    ends = (high, low) if used[0][0] > used[0][-1] else (low, high)
    return np.linspace(*ends, _POINTS)


def along(axis: Array, series: Array, places: Array) -> Array:
    """Return a path at other places of its axis, NaN beyond its ends."""
    used = np.isfinite(axis)
    x, p = axis[used], series[used]
    if np.array_equal(x, places):
        return p
    order = np.argsort(x)
    return np.interp(places, x[order], p[order], left=np.nan, right=np.nan)


def _draw_images(
    axes: Axes, axis: Array, values: Array, look: Mapping[str, Any], period: float | None
) -> None:
    gap = np.full((len(values), 1), np.nan)
    axes.plot(
        np.tile(np.append(axis, np.nan), len(values)),
        np.hstack([values, gap]).ravel(),
        color=look["color"],
        lw=0.5,
        alpha=0.6 if len(values) <= 40 else 0.25,
        zorder=3,
        gid="image",
    )
    known = np.isfinite(values).any(axis=0)
    if not known.any():
        return
    low, high = np.nanquantile(values[:, known], [0.25, 0.75], axis=0)
    if len(values) > 1:
        axes.fill_between(
            axis[known], low, high, color=look["color"], alpha=0.2, lw=0, zorder=2, gid="half"
        )
    mean = np.nanmean(values[:, known], axis=0)
    axes.plot(axis[known], mean, color=look["color"], lw=2.2, zorder=5, gid="mean")
    back = closing(axis, np.vstack([values[:, known], mean]), period) if known.all() else None
    if back is not None:
        places, ends = back
        for line, width in zip(ends, [0.5] * len(values) + [1.7], strict=True):
            how: dict[str, Any] = {"color": look["color"], "lw": width, "zorder": 3}
            axes.plot(places, line, ls=CLOSING, gid="closing", **how)


def _draw_placebos(
    axes: Axes,
    axis: Array,
    placebos: tuple[Array, list[Beside]],
    bounds: tuple[float, float] | None,
) -> bool:
    """Draw what the mean over images becomes under placebos; return whether there is enough."""
    still, beside = placebos
    having = [found for found in beside if len(found.changes) >= FEWEST]
    if not having or 2 * len(having) < len(beside):
        return False
    draws = max(len(found.changes) for found in having)
    moved = np.full((len(having), draws, len(axis)), np.nan)
    for place, found in enumerate(having):
        for draw, change in enumerate(found.changes):
            moved[place, draw] = along(found.places, change, axis)
    some = np.isfinite(moved).any(axis=0)
    known = some.sum(axis=0) >= FEWEST
    if not known.any():
        return False
    counts = np.isfinite(moved).sum(axis=0)
    with np.errstate(invalid="ignore"):
        means = np.nansum(moved, axis=0) / np.where(counts > 0, counts, np.nan)
    low, high = np.nanquantile(np.nanmean(still) + means[:, known], [0.05, 0.95], axis=0)
    low, high = held(low, bounds), held(high, bounds)
    axes.fill_between(axis[known], low, high, color=BAND, lw=0, zorder=0, gid="band")
    return True


def _legend(figure: Figure, banded: bool, boundary: bool, colour: Any) -> None:  # noqa: ANN401
    handles: list[Any] = [
        Line2D([], [], color=colour, lw=2.2, label="mean"),
        Patch(color=colour, alpha=0.2, lw=0, label="middle half of the images"),
        Line2D([], [], color=colour, lw=0.5, label="one image"),
    ]
    if banded:
        handles.append(Patch(color=BAND, lw=0, label="mean under placebo edits, 5–95 %"))
    if boundary:
        handles.append(Line2D([], [], color="0.45", lw=0.7, ls=(0, (4, 3)), label="decision"))
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.5 / DOUBLE, 0.01),
        ncols=5,
        fontsize=7,
        borderaxespad=0,
        columnspacing=1.1,
        handlelength=1.6,
        handletextpad=0.5,
    )
