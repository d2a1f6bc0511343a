"""What the shuffle test compares: a series, its shuffles, and the score among theirs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.figures.style import cut_name, fold, new_figure, width_of
from zollstock.scoring.inspection import NullCell, NullRow

Array = npt.NDArray[np.float64]


def show_p(p: float, permutations: int) -> str:
    """Return a p-value as text, e.g. ``p = 0.012``; the smallest possible one as ``p ≤ 0.001``."""
    if not np.isfinite(p):
        return "p = –"
    floor = 1 / (permutations + 1)
    return f"p = {p:.3f}" if p > 1.001 * floor else f"p ≤ {floor:.1g}"


def draw_nulls(
    nulls: Sequence[NullRow],
    looks: Mapping[str, Mapping[str, Any]],
    *,
    title: str,
    statistic: str,
) -> Figure:
    """Draw shuffled series over the real one, and the null with the observed score.

    One row per image, two cells per model. Cells have no ticks: the series fill their cell
    whatever they move by, the numbers stand beside the histogram. The cells of a failed path
    say so. All cells are parts of one axes, which a cell each would take ten times as long to
    draw: what lies in a cell is scaled to it.

    Parameters
    ----------
    nulls
        What is drawn per image.
    looks
        Model → line colour and dashes; the column pairs, in order.
    title, statistic
        Words above the figure.
    """
    count, models = len(nulls), list(looks)
    names = [cut_name(row.image) for row in nulls]
    before = max(width_of(name, 8) for name in names)
    width = before + 0.3 + 3.3 * len(models)
    words = (
        f"{title}: {statistic} of the series (line) among those of its shuffles (grey); "
        "every cell is stretched to its own range"
    )
    heading = fold(words, width - 0.2, 10)
    height = 0.4 + 0.17 * len(heading) + ROW * count
    figure = new_figure(width, height, layout="constrained")
    figure.suptitle("\n".join(heading), x=0.1 / width, ha="left", fontsize=10)
    axes = figure.add_subplot(xlim=(0, 2 * len(models)), ylim=(count + 0.02, 0.02))
    for line, row in enumerate(nulls):
        for place, (model, look) in enumerate(looks.items()):
            _draw_series(axes, (2 * place, line), row.cells[model], look)
            _draw_null(axes, (2 * place + 1, line), row.cells[model], look)
    axes.set_frame_on(False)
    axes.tick_params(length=0, labelsize=8, top=False, labeltop=True, labelbottom=False)
    axes.set_yticks([line + 1 - TALL / 2 for line in range(count)], names)
    wide = 3.2
    labels = ["\n".join(fold(model, wide, 9)) for model in models]
    axes.set_xticks([2 * place + 0.02 for place in range(len(models))], labels, ha="left")
    axes.tick_params(axis="x", labelsize=9)
    return figure


ROW = 0.85
"""Height of a row in inches."""

TALL, WIDE = 0.78, 0.93
"""Share of a cell that is drawn in; the words of a histogram stand above."""


def _inside(values: Array, cell: tuple[int, int], ends: tuple[float, float], across: bool) -> Array:
    """Return values, which lie between both ends, as places in a cell."""
    low, high = ends
    share = (values - low) / (high - low) if high > low else np.full(np.shape(values), 0.5)
    column, line = cell
    return column + WIDE * share if across else line + 1 - TALL * (0.04 + 0.92 * share)


def _frame(axes: Axes, cell: tuple[int, int]) -> None:
    """Draw the left and the lower edge of a cell."""
    column, line = cell
    x, y = [column, column, column + WIDE], [line + 1 - TALL, line + 1, line + 1]
    axes.plot(x, y, color="0.15", lw=0.8, zorder=3)


def _draw_series(
    axes: Axes, cell: tuple[int, int], found: NullCell, look: Mapping[str, Any]
) -> None:
    _frame(axes, cell)
    column, line = cell
    if not len(found.axis):
        axes.text(column + WIDE / 2, line + 1 - TALL / 2, "failed", ha="center", va="center")
        return
    # In the order of the frames, as in the main figure; so a falling axis runs as well.
    ends = float(found.axis[0]), float(found.axis[-1])
    x = column + WIDE * (found.axis - ends[0]) / ((ends[1] - ends[0]) or 1)
    known = found.series[np.isfinite(found.series)]
    if not len(known):
        return
    limits = float(known.min()), float(known.max())
    if len(found.shuffled):
        # One line with gaps in it: a line each takes longer.
        gap = np.full((len(found.shuffled), 1), np.nan)
        y = _inside(np.hstack([found.shuffled, gap]), cell, limits, across=False)
        axes.plot(
            np.tile(np.append(x, np.nan), len(y)), y.ravel(), color="0.78", lw=0.4, gid="shuffled"
        )
    y = _inside(found.series, cell, limits, across=False)
    axes.plot(x, y, color=look["color"], lw=1.6, gid="series")


def _draw_null(axes: Axes, cell: tuple[int, int], found: NullCell, look: Mapping[str, Any]) -> None:
    _frame(axes, cell)
    column, line = cell
    words = "no score"
    if np.isfinite(found.score):
        null = found.null[np.isfinite(found.null)]
        both = np.append(null, found.score)
        room = 0.04 * (both.max() - both.min())
        ends = float(both.min() - room), float(both.max() + room)
        heights, edges = np.histogram(null, bins=24)
        x = _inside(edges, cell, ends, across=True)
        top = line + 1 - TALL * heights / max(heights.max(initial=0), 1)
        axes.fill_between(np.repeat(x, 2)[1:-1], np.repeat(top, 2), line + 1, color="0.78", lw=0)
        at = float(_inside(np.array(found.score), cell, ends, across=True))
        axes.plot([at, at], [line + 1, line + 1 - TALL], color=look["color"], lw=2, gid="score")
        words = (
            f"{found.score:.2g} vs {found.null_mean:.2g} ± {found.null_std:.1g}, "
            f"{show_p(found.p_value, len(found.null))}"
        )
    axes.text(column - 0.05, line + 1 - TALL - 0.03, words, fontsize=6, va="bottom")
