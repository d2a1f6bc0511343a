"""What the shuffle test compares: a series, its shuffles, and the score among theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from zollstock.figures.style import plt


@dataclass(frozen=True)
class NullCell:
    """One model on one image: the series, some shuffles, and the test's numbers.

    Attributes
    ----------
    axis
        Property values of the used steps, shape (S,); S = 0 for a failed path.
    series
        Followed probability, shape (S,).
    shuffled
        Some shuffled series, shape (n, S); n = 0 without a score.
    null
        Scores of all shuffled series, shape (K,); K = 0 without a score.
    score, null_mean, null_std, p_value
        As in the score table.
    """

    axis: npt.NDArray[np.float64]
    series: npt.NDArray[np.float64]
    shuffled: npt.NDArray[np.float64]
    null: npt.NDArray[np.float64]
    score: float
    null_mean: float
    null_std: float
    p_value: float


@dataclass(frozen=True)
class NullRow:
    """One image: its id and a cell per model."""

    image: str
    cells: Mapping[str, NullCell]


def show_p(p: float, permutations: int) -> str:
    """Return a p-value as text, e.g. ``p = 0.012``; the smallest possible one as ``p ≤ 0.001``."""
    if not np.isfinite(p):
        return "p = –"
    floor = 1 / (permutations + 1)
    return f"p = {p:.3f}" if p > 1.001 * floor else f"p ≤ {floor:.1g}"


def draw_nulls(
    rows: Sequence[NullRow],
    models: Sequence[str],
    looks: Mapping[str, Mapping[str, Any]],
    *,
    title: str,
    statistic: str,
) -> Figure:
    """Draw shuffled series over the real one, and the null with the observed score.

    One row per image, two cells per model. Cells have no ticks: the series fill their cell
    whatever they move by, the numbers stand beside the histogram. The cells of a failed path
    say so.

    Parameters
    ----------
    rows
        What is drawn per image.
    models
        Column pairs, in order.
    looks
        Model → line colour and dashes.
    title, statistic
        Words above the figure.
    """
    count = len(rows)
    width, height = 1.0 + 3.3 * len(models), 0.7 + 0.85 * count
    figure = plt.figure(figsize=(width, height))
    pair = (width - 1.0) / len(models) / width
    for line, row in enumerate(rows):
        bottom = (0.08 + 0.85 * (count - 1 - line)) / height
        tall = 0.68 / height
        figure.text(0.9 / width, bottom + tall / 2, row.image, ha="right", va="center", fontsize=8)
        for place, model in enumerate(models):
            cell, look = row.cells[model], looks[model]
            left = 1.0 / width + place * pair
            curve = figure.add_axes((left, bottom, 0.45 * pair, tall))
            histogram = figure.add_axes((left + 0.48 * pair, bottom, 0.45 * pair, tall))
            if np.isfinite(cell.score):
                curve.plot(cell.axis, cell.shuffled.T, color="0.78", lw=0.4)
                heights, edges = np.histogram(cell.null[np.isfinite(cell.null)], bins=24)
                histogram.fill_between(edges[:-1], heights, step="post", color="0.78")
                histogram.axvline(cell.score, color=look["color"], lw=2)
                words = (
                    f"{cell.score:.2g} vs {cell.null_mean:.2g} ± {cell.null_std:.1g}, "
                    f"{show_p(cell.p_value, len(cell.null))}"
                )
            else:
                words = "no score"
            curve.plot(cell.axis, cell.series, color=look["color"], lw=1.6)
            if not len(cell.axis):
                curve.text(0.5, 0.5, "failed", transform=curve.transAxes, ha="center", va="center")
            elif cell.axis[0] > cell.axis[-1]:
                curve.invert_xaxis()  # in the order of the frames, as in the main figure
            histogram.set_title(words, fontsize=6, pad=2, loc="left", x=-0.05)
            for axes in (curve, histogram):
                axes.set(xticks=[], yticks=[])
            if line == 0:
                curve.set_title(model, fontsize=9, loc="left", pad=4)
    figure.suptitle(
        f"{title}: {statistic} of the series (line) among those of its shuffles (grey); "
        "every cell is stretched to its own range",
        x=0.02,
        ha="left",
        y=1 - 0.08 / height,
        va="top",
        fontsize=10,
    )
    return figure
