"""The headline as a forest plot: score, interval, q and how the placebos match, row by row."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.figures.style import DOUBLE, MARKERS, fit_name, fold, new_figure, width_of
from zollstock.wording import percent, show, two_digits

ROW = 0.18
"""Height of a row in inches."""

_NAMES = 2.1  # inches that names of models have at most
_COLUMNS = {"score": 0.42, "95 % interval": 1.0, "q": 0.72, "match": 0.48, "tested": 0.52}
_SMALL = 7.0


def draw_forest(
    scores: pd.DataFrame,
    summary: pd.DataFrame,
    looks: Mapping[str, Mapping[str, Any]],
    *,
    alpha: float,
) -> Figure:
    """Draw mean scores with intervals, a row per property and model, and the test beside each.

    Parameters
    ----------
    scores
        The score table: every image's score is a dot.
    summary
        Of `zollstock.significance.summary.summarise`.
    looks
        Model → line colour and dashes.
    alpha
        Rows whose q is at most this have a filled mark.
    """
    titles = dict(zip(summary["property"], summary["title"], strict=True))
    placebo = dict(zip(summary["property"], summary["placebo"].astype(bool), strict=True))
    statistic = str(summary["statistic"].iloc[0])
    names = [fit_name(str(model), _NAMES, _SMALL) for model in summary["model"]]
    left = max(1.0, max(width_of(name, _SMALL) for name in names) + 0.35)
    right = sum(_COLUMNS.values()) + 0.1
    count = len(summary) + len(titles)
    above, below = 0.3, 0.72
    height = above + ROW * count + below
    figure = new_figure(DOUBLE, height)
    inside = (DOUBLE - left - right) / DOUBLE
    axes = figure.add_axes((left / DOUBLE, below / height, inside, ROW * count / height))
    _scale(axes, scores[scores["statistic"] == statistic], summary)
    at = _Columns(axes, left)
    at.write_heads(statistic)
    by_pair = dict(list(scores[scores["statistic"] == statistic].groupby(["property", "model"])))
    place, before = -0.5, None
    for row, name in zip(summary.to_dict("records"), names, strict=True):
        if row["property"] != before:
            before = row["property"]
            place += 1
            words = titles[before] + (" (placebo)" if placebo[before] else "")
            words = fold(words, DOUBLE - 0.2, 7.5, lines=1)[0]
            # The line of zero must not run through it.
            behind = {"fc": "white", "ec": "none", "pad": 0.8}
            how = {"weight": "bold", "fontsize": 7.5, "bbox": behind, "zorder": 3}
            at.write(-left + 0.06, place, words, **how)
            axes.axhline(place - 0.5, color="0.88", lw=0.6, zorder=0)
        place += 1
        at.write(-left + 0.16, place, name)
        found = by_pair.get((row["property"], row["model"]))
        dots = [] if found is None else found["score"]
        _draw_row(axes, place, row, dots, looks, alpha)
        at.write_numbers(place, row, alpha)
    axes.set_ylim(count, 0)
    _legend(figure, looks, alpha, summary, below / height)
    return figure


def _scale(axes: Axes, images: pd.DataFrame, summary: pd.DataFrame) -> None:
    values = np.concatenate([images["score"], summary[["score", "low", "high"]].to_numpy().ravel()])
    values = values[np.isfinite(values)]
    low, high = (min(values.min(), 0.0), values.max()) if len(values) else (0.0, 1.0)
    room = 0.03 * (high - low) or 0.05
    axes.set_xlim(low - room, high + room)
    axes.axvline(0, color="0.6", lw=0.7, zorder=0)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.locator_params(axis="x", nbins=6)
    axes.tick_params(labelsize=_SMALL, length=2.5)


def _draw_row(
    axes: Axes,
    place: float,
    row: Mapping[str, Any],
    dots: Any,  # noqa: ANN401 - numbers
    looks: Mapping[str, Mapping[str, Any]],
    alpha: float,
) -> None:
    colour = looks[row["model"]]["color"]
    marker = MARKERS[list(looks).index(row["model"]) % len(MARKERS)]
    how: dict[str, Any] = {"alpha": 0.55, "mew": 0, "ms": 2.4, "zorder": 2, "gid": "image"}
    axes.plot(dots, np.full(len(dots), place + 0.22), ".", color="0.45", **how)
    if np.isfinite([row["low"], row["high"]]).all():
        ends = [row["low"], row["high"]]
        axes.plot(ends, [place, place], color=colour, lw=1.6, zorder=3, gid="interval")
    if np.isfinite(row["score"]):
        found = bool(row["q_bh"] <= alpha)
        axes.plot(
            row["score"],
            place,
            marker=marker,
            ms=5.5,
            color=colour,
            mfc=colour if found else "white",
            mew=1.2,
            zorder=4,
            gid="mean",
        )


class _Columns:
    """Words and numbers beside a plot, in inches from its corners."""

    def __init__(self, axes: Axes, left: float) -> None:
        self.axes = axes
        self.left = left
        box = axes.get_position()
        self.width = box.width * DOUBLE

    def write(self, inches: float, place: float, words: str, **how: Any) -> None:  # noqa: ANN401
        """Write in a row, `inches` from the left end of the plot."""
        self.axes.text(
            inches / self.width,
            place,
            words,
            transform=self.axes.get_yaxis_transform(),
            va="center",
            **{"fontsize": _SMALL} | how,
        )

    def write_heads(self, statistic: str) -> None:
        at = self.width
        for name, wide in _COLUMNS.items():
            at += wide
            words = statistic if name == "score" else name
            self.write(at, -0.55, words, ha="right", color="0.35")

    def write_numbers(self, place: float, row: Mapping[str, Any], alpha: float) -> None:
        words = {"score": two_digits(row["score"]), "95 % interval": "–", "match": "–"}
        if np.isfinite([row["low"], row["high"]]).all():
            words["95 % interval"] = f"{two_digits(row['low'])} – {two_digits(row['high'])}"
        tested = np.isfinite(row["p"])
        words["q"] = show(row["q_bh"], alpha) if tested else "not tested"
        if np.isfinite(row["match"]):
            words["match"] = percent(row["match"])
        words["tested"] = f"{row['tested']:.0f} of {row['images']:.0f}"
        at = self.width
        for name, wide in _COLUMNS.items():
            at += wide
            strong = name == "q" and tested and row["q_bh"] <= alpha
            looks = {"weight": "bold"} if strong else {}
            self.write(at, place, words[name], ha="right", **looks)


def _legend(
    figure: Figure,
    looks: Mapping[str, Mapping[str, Any]],
    alpha: float,
    summary: pd.DataFrame,
    top: float,
) -> None:
    how: dict[str, Any] = {"ls": "", "marker": "o", "color": "0.3", "ms": 5}
    keys = [
        Line2D([], [], **how, label=f"q ≤ {alpha:g}"),
        Line2D([], [], **how | {"mfc": "white", "mew": 1.2}, label=f"q > {alpha:g} or not tested"),
        Line2D([], [], color="0.3", lw=1.6, label="95 % interval"),
        Line2D([], [], ls="", marker=".", color="0.45", ms=3, label="one image"),
    ]
    figure.legend(
        handles=keys,
        loc="lower left",
        bbox_to_anchor=(0.01, 0.005),
        ncols=4,
        fontsize=_SMALL,
        borderaxespad=0.2,
        columnspacing=1.4,
        handletextpad=0.5,
    )
    box = figure.axes[0].get_position()
    statistic = str(summary["statistic"].iloc[0])
    words = f"{statistic}, mean over images"
    figure.text(box.x0, top - 0.3 / figure.get_figheight(), words, fontsize=7.5, va="top")
