"""The main figure: a strip of frames, and what every model says along the path."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from zollstock.figures.style import plt


def show_p(p: float) -> str:
    """Return a p-value as text, e.g. ``p = .012`` or ``p ≤ .001``."""
    if not np.isfinite(p):
        return "p = –"
    return f"p = {p:.3f}" if p >= 0.0015 else "p ≤ 0.001"


def strip_steps(steps: int, count: int) -> npt.NDArray[np.intp]:
    """Return equally spaced steps, first and last included."""
    return np.unique(np.linspace(0, steps - 1, min(count, steps)).round().astype(np.intp))


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
        Property values of all steps, shape (S,).
    series
        Model → followed probability, shape (S,).
    scores
        Rows of the score table for this image, property and one statistic.
    looks
        Model → line colour and dashes.
    steps
        Which steps the frames are.
    title, property_title
        Words above the figure and on the axis.
    """
    count = len(steps)
    figure = plt.figure(figsize=(7.2, 4.3))
    height, width = frames.shape[1:3]
    left, right, gap = 0.09, 0.98, 0.008
    cell = (right - left - gap * (count - 1)) / count
    tall = min(cell * 7.2 / 4.3 * height / width, 0.36)
    for place, (frame, step) in enumerate(zip(frames, steps, strict=True)):
        picture = figure.add_axes((left + place * (cell + gap), 0.92 - tall, cell, tall))
        picture.imshow(frame, interpolation="nearest", aspect="equal")
        picture.set_axis_off()
        picture.set_title(f"{axis[step]:.2f}", fontsize=7, pad=2, color="0.35")
    lower = figure.add_axes((left, 0.12, right - left, 0.92 - tall - 0.12 - 0.03))
    by_model = scores.set_index("model")
    outputs = set(by_model["output"])
    for model, values in series.items():
        row = by_model.loc[model]
        followed = f" [{row['output']}]" if len(outputs) > 1 else ""
        label = f"{model}{followed}: {row['score']:.4f}, {show_p(row['p_value'])}"
        lower.plot(axis, values, label=label, lw=1.8, **looks[model])
    lower.plot(axis[list(steps)], np.zeros(count), "|", color="0.5", ms=5, clip_on=False)
    lower.set(ylim=(0, 1), xlim=(axis.min(), axis.max()), xlabel=property_title)
    lower.set_ylabel(
        f"P({next(iter(outputs))})" if len(outputs) == 1 else "P(class of unedited image)"
    )
    statistic = scores["statistic"].iloc[0]
    lower.legend(title=f"{statistic}, shuffle test", loc="best", fontsize=8, title_fontsize=8)
    figure.suptitle(title, x=left, ha="left", y=0.995, fontsize=10)
    return figure


def draw_null(
    axis: npt.NDArray[np.float64],
    series: Mapping[str, npt.NDArray[np.float64]],
    shuffled: Mapping[str, npt.NDArray[np.float64]],
    nulls: Mapping[str, npt.NDArray[np.float64]],
    scores: pd.DataFrame,
    looks: Mapping[str, Mapping[str, Any]],
    *,
    title: str,
    property_title: str,
) -> Figure:
    """Draw, per model, shuffled series over the real one and the null with the observed score.

    Parameters
    ----------
    axis
        Property values, shape (S,).
    series
        Model → followed probability, shape (S,).
    shuffled
        Model → some shuffled series, shape (n, S).
    nulls
        Model → scores of all shuffled series, shape (K,).
    scores, looks, title, property_title
        As in `draw_path`.
    """
    count = len(series)
    height = 0.95 + 1.5 * count
    figure, axes = plt.subplots(count, 2, figsize=(7.2, height), squeeze=False)
    figure.subplots_adjust(
        left=0.1, right=0.98, top=1 - 0.6 / height, bottom=0.45 / height, hspace=0.6, wspace=0.15
    )
    by_model = scores.set_index("model")
    statistic = scores["statistic"].iloc[0]
    for (curve, histogram), model in zip(axes, series, strict=True):
        row, colour = by_model.loc[model], looks[model]["color"]
        curve.plot(axis, shuffled[model].T, color="0.75", lw=0.5)
        curve.plot(axis, series[model], color=colour, lw=1.8)
        curve.set_title(model, loc="left", fontsize=9)
        curve.set_ylabel(f"P({row['output']})")
        # Tiny movements are shown enlarged; the ticks then say so in full digits.
        curve.ticklabel_format(axis="y", useOffset=False)
        null, observed = nulls[model], row["score"]
        histogram.hist(null[np.isfinite(null)], bins=30, color="0.75")
        histogram.axvline(observed, color=colour, lw=2)
        histogram.set_yticks([])
        histogram.set_title(
            f"observed {observed:.3g}, null {row['null_mean']:.3g} ± {row['null_std']:.1g}, "
            f"{show_p(row['p_value'])}",
            loc="left",
            fontsize=8,
        )
        for axes_, axis_name in ((curve, "y"), (histogram, "x")):
            axes_.locator_params(axis=axis_name, nbins=4)
            axes_.tick_params(labelsize=7)
    axes[-1, 0].set_xlabel(property_title)
    axes[-1, 1].set_xlabel(f"{statistic} of shuffled series")
    figure.suptitle(title, x=0.1, ha="left", y=1 - 0.05 / height, va="top", fontsize=10)
    return figure
