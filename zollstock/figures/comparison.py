"""Scores by edits beside scores by exact interventions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.figures.style import DOUBLE, MARKERS, fold, new_figure, width_of
from zollstock.ranks import spearman
from zollstock.wording import flags_in_words


def draw_comparison(
    scores: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    looks: Mapping[str, Mapping[str, Any]],
    *,
    titles: Mapping[str, str],
    statistic: str,
) -> Figure:
    """Draw scores by edits over scores by exact interventions, one panel per pair.

    Parameters
    ----------
    scores
        The score table, with the ledger's flags.
    pairs
        Names of an exact property and of an edited one that one meter measures.
    looks
        Model → line colour and dashes.
    titles
        Property → its name in figures.
    statistic
        Which score is drawn.
    """
    scores = scores[scores["statistic"] == statistic]
    columns = min(len(pairs), 3)
    rows = -(-len(pairs) // columns)
    wide = min(3.4, DOUBLE / columns)
    width, height = max(wide * columns, 5.2), 0.9 + wide * rows
    figure = new_figure(width, height, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    found = []
    for axes, (exact, edited) in zip(grid.flat, pairs, strict=False):
        points = _points(scores, exact, edited)
        found.append(points)
        _comparison_panel(axes, points, looks)
        axes.set_title("\n".join(fold(_agreement(points), wide - 0.75, 8)), fontsize=8)
        axes.set_xlabel("\n".join(fold(f"exact: {titles[exact]}", wide - 0.7, 9)))
        axes.set_ylabel("\n".join(fold(f"edited: {titles[edited]}", wide - 0.7, 9)))
    for axes in grid.flat[len(pairs) :]:
        axes.set_axis_off()
    every = pd.concat(found)
    over = f"; over all panels {_agreement(every)}" if len(pairs) > 1 else ""
    missing = int(every[["exact", "edited"]].isna().any(axis=1).sum())
    left_out = f"; {missing} left out, without a score" if missing else ""
    words = f"{statistic} per image: edits against exact interventions{over}{left_out}"
    heading = "\n".join(fold(words, width - 0.3, 10))
    figure.suptitle(heading, x=0.1 / width, ha="left", fontsize=10)
    handles = [
        Line2D([], [], ls="", marker=MARKERS[place % 8], color=look["color"], label=model)
        for place, (model, look) in enumerate(looks.items())
    ]
    handles.append(
        Line2D([], [], ls="", marker="o", color="0.3", mfc="none", label="hollow: edit flagged")
    )
    handles.append(Line2D([], [], color="0.7", lw=1, label="equal scores"))
    widest = max(width_of(str(handle.get_label()), 8) for handle in handles) + 0.5
    columns = max(1, min(len(handles), int((width - 0.2) / widest)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, fontsize=8)
    return figure


def _points(scores: pd.DataFrame, exact: str, edited: str) -> pd.DataFrame:
    """Return model, image, flags and both scores, a row per model and image."""
    sides = [
        scores[scores["property"] == name].rename(columns={"score": side})
        for name, side in ((exact, "exact"), (edited, "edited"))
    ]
    keys = ["model", "image"]
    return sides[1][[*keys, "flags", "edited"]].merge(sides[0][[*keys, "exact"]], on=keys)


def _comparison_panel(
    axes: Axes, points: pd.DataFrame, looks: Mapping[str, Mapping[str, Any]]
) -> None:
    both = points.dropna(subset=["exact", "edited"])
    ends = both[["exact", "edited"]].to_numpy()
    high = float(ends.max(initial=0)) or 1.0
    low = float(ends.min(initial=0))
    room = 0.05 * (high - low)
    limits = (low - room, high + room)
    axes.plot(limits, limits, color="0.7", lw=1, zorder=0)
    for place, (model, look) in enumerate(looks.items()):
        mine = both[both["model"] == model]
        flagged = np.array([bool(flags_in_words(text)) for text in mine["flags"]], dtype=bool)
        for here, face in ((~flagged, look["color"]), (flagged, "none")):
            axes.plot(
                mine["exact"][here],
                mine["edited"][here],
                ls="",
                marker=MARKERS[place % 8],
                color=look["color"],
                mfc=face,
                ms=5.5,
                alpha=0.85,
            )
    axes.set(xlim=limits, ylim=limits)
    axes.set_aspect("equal")
    for axis in ("x", "y"):
        axes.locator_params(axis=axis, nbins=5)


def _agreement(points: pd.DataFrame) -> str:
    both = points.dropna(subset=["exact", "edited"])
    rank = spearman(both["exact"], both["edited"])
    words = f"{rank:.2f}".replace("-", "−") if np.isfinite(rank) else "–"
    return f"Spearman {words} ({len(both)} point{'' if len(both) == 1 else 's'})"
