"""The main figure: a strip of frames, and what every model says along the path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
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


def strip_steps(axis: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.intp]:
    """Return steps at equal distances among the used ones, first and last included.

    Parameters
    ----------
    axis
        Property values, shape (S,), NaN at unused steps.
    count
        How many to return at most. None are returned for a failed path.
    """
    used = np.flatnonzero(np.isfinite(axis))
    places = np.linspace(0, len(used) - 1, min(count, len(used))).round().astype(np.intp)
    return used[np.unique(places)]


def _score_words(row: Any) -> str:  # noqa: ANN401 - a row of the score table
    if not np.isfinite(row["score"]):
        return "no score"
    return f"{row['score']:.2g}, {show_p(row['p_value'], row['permutations'])}"


def draw_path(
    frames: npt.NDArray[np.uint8],
    axis: npt.NDArray[np.float64],
    series: Mapping[str, npt.NDArray[np.float64]],
    scores: pd.DataFrame,
    looks: Mapping[str, Mapping[str, Any]],
    *,
    steps: Sequence[int],
    title: str,
    property_title: str,
) -> Figure:
    """Draw one image's path with the curves of all models.

    Parameters
    ----------
    frames
        The frames shown, uint8, shape (len(steps), height, width, 3).
    axis
        Property values of all steps, shape (S,), NaN at unused steps and throughout a failed
        path.
    series
        Model → followed probability, shape (S,).
    scores
        Rows of the score table for this image, property and one statistic.
    looks
        Model → line colour and dashes.
    steps
        Which steps the frames are; see `strip_steps`.
    title, property_title
        Words above the figure and on the axis.
    """
    count = len(steps)
    figure = plt.figure(figsize=(7.2, 4.3))
    height, width = frames.shape[1:3]
    left, right, gap = 0.09, 0.98, 0.008
    figure.suptitle(title, x=left, ha="left", y=0.995, fontsize=10)
    used = np.isfinite(axis)
    if not used.any():
        figure.text(0.5, 0.5, "failed", ha="center", va="center", fontsize=12, color="0.35")
        return figure
    cell = (right - left - gap * (count - 1)) / count
    tall = min(cell * 7.2 / 4.3 * height / width, 0.36)
    for place, (frame, step) in enumerate(zip(frames, steps, strict=True)):
        picture = figure.add_axes((left + place * (cell + gap), 0.92 - tall, cell, tall))
        picture.imshow(frame, interpolation="nearest", aspect="equal")
        picture.set_axis_off()
        picture.set_title(f"{axis[step]:.2f}", fontsize=7, pad=2, color="0.35")
    lower = figure.add_axes((left, 0.12, right - left, 0.92 - tall - 0.12 - 0.03))
    by_model = scores.set_index("model")
    outputs = set(by_model["output"].dropna())
    for model, values in series.items():
        row = by_model.loc[model]
        followed = f" [{row['output']}]" if len(outputs) > 1 else ""
        label = f"{model}{followed}: {_score_words(row)}"
        lower.plot(axis[used], values[used], label=label, lw=1.8, **looks[model])
    lower.plot(axis[list(steps)], np.full(count, -0.02), "|", color="0.5", ms=5, clip_on=False)
    lower.set(ylim=(-0.02, 1.02), xlabel=property_title)
    if np.count_nonzero(used) > 1:
        lower.set_xlim(float(axis[used][0]), float(axis[used][-1]))
    lower.set_ylabel(
        f"P({next(iter(outputs))})" if len(outputs) == 1 else "P(class of unedited image)"
    )
    statistic = scores["statistic"].iloc[0]
    lower.legend(title=f"{statistic}, shuffle test", loc="best", fontsize=8, title_fontsize=8)
    return figure


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
        As in `draw_path`.
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
