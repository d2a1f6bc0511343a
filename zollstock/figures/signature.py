"""What more steps would tell: the score against the spacing of the frames it is taken from."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.figures.style import DOUBLE, MARKERS, cut_name, fold, new_figure, width_of
from zollstock.scoring.inspection import Signature

MOST = 24
"""Images drawn at most."""

_NUMBERED = 3  # models whose numbers fit above a panel


def draw_signature(
    signatures: Mapping[str, Mapping[str, Signature]],
    looks: Mapping[str, Mapping[str, Any]],
    *,
    title: str,
) -> Figure:
    """Draw epgm against the spacing k of the frames it is taken from, one panel per image.

    Where the row of points is flat down to every frame (k = 1), more steps would find no more.
    Where it rises to the left, they would: be it jitter, which adds to every difference and falls
    as a + b/k (Andersen, Bollerslev, Diebold & Labys 2000 draw volatility so), or turns of the
    curve that coarse steps miss; the score alone does not tell them apart. The line is a + b/k by
    least squares with b ≥ 0. The ring is the score. A score at one spacing only says nothing and
    has no line. All panels have one scale.

    Parameters
    ----------
    signatures
        Image → model → its signature.
    looks
        Model → line colour and dashes.
    title
        The property's name.
    """
    shown = list(signatures)[:MOST]
    count = len(shown)
    columns = max(1, min(count, 4))
    rows = -(-count // columns)
    numbered = len(looks) <= _NUMBERED and count <= 16
    wide, tall = (5.2, 2.9) if count == 1 else ((DOUBLE - 0.75) / columns, 1.6)
    left, above, below = 0.6, 0.8 + 0.18 * -(-len(looks) // _across(looks)), 0.12
    width, height = DOUBLE, above + tall * rows + below
    figure = new_figure(width, height)
    most, high = _ranges([curve for name in shown for curve in signatures[name].values()])
    for place, name in enumerate(shown):
        row, column = divmod(place, columns)
        axes = figure.add_axes(
            (
                (left + wide * column) / width,
                1 - (above + tall * (row + 1) - 0.34) / height,
                (wide - 0.2) / width,
                (tall - (0.74 if numbered else 0.6)) / height,
            )
        )
        _draw_image(axes, signatures[name], looks, most, high)
        axes.tick_params(labelleft=column == 0, labelsize=7, length=2.5, pad=2)
        cut = cut_name(name, 22)
        axes.annotate(
            cut,
            (0, 1),
            (0, 13 if numbered else 4),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=8,
        )
        if numbered:
            _write_numbers(axes, signatures[name], looks)
    note = "" if count == len(signatures) else f" (the first {count} of {len(signatures)} images)"
    words = f": the score by the spacing of frames{note}"
    heading = fold(title, DOUBLE - 0.3 - width_of(words, 10), 10, lines=1)[0] + words
    figure.text(0.02, 1 - 0.1 / height, heading, va="top", fontsize=10)
    words = "flat: more steps find no more; rising to the left: they would, be it turns or jitter"
    figure.text(0.02, 1 - 0.32 / height, words, va="top", fontsize=8.5, color="0.25")
    middle = 1 - (above + tall * rows / 2) / height
    figure.text(0.012, middle, "epgm", rotation=90, va="center", fontsize=9)
    words = "spacing k: every k-th frame is used"
    figure.text(left / width, 0.08 / height, words, fontsize=9)
    _legend(figure, looks, 1 - 0.56 / height)
    return figure


def _across(looks: Mapping[str, Mapping[str, Any]]) -> int:
    """Return how many models fit beside each other in the legend."""
    widest = max(width_of(model, 8) for model in looks) + 0.45
    return max(1, min(4, int((DOUBLE - 0.2) / widest)))


def _ranges(curves: list[Signature]) -> tuple[float, float]:
    """Return the largest spacing and the upper end of the scores."""
    spacings = [spacing for curve in curves for spacing in curve.spacings]
    scores = [score for curve in curves for score in curve.scores]
    scores = [score for score in scores if np.isfinite(score)]
    return float(max(spacings, default=2)), float(max(scores, default=0)) or 1.0


def _draw_image(
    axes: Axes,
    curves: Mapping[str, Signature],
    looks: Mapping[str, Mapping[str, Any]],
    most: float,
    high: float,
) -> None:
    drawn = 0
    right = max(most, 2.0) * 1.5
    for number, (model, look) in enumerate(looks.items()):
        curve = curves.get(model)
        if curve is None or not len(curve.scores):
            continue
        drawn += 1
        spacings, tv, a, b = curve
        colour, marker = look["color"], MARKERS[number % len(MARKERS)]
        axes.plot(spacings, tv, ls="", marker=marker, color=colour, ms=3.5, zorder=3, gid="points")
        axes.plot(spacings[0], tv[0], "o", mfc="none", mec=colour, ms=8, clip_on=False, gid="plain")
        edge: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "clip_on": False}
        if len(spacings) > 1:
            k = np.geomspace(1, right, 60)
            axes.plot(k, a + b / k, color=colour, lw=1, alpha=0.8, zorder=2, gid="fit")
            axes.plot(1.02, a, "<", mfc="none", mec=colour, ms=4, mew=0.9, gid="a", **edge)
    axes.set_xscale("log", base=2)
    axes.set(xlim=(0.82, right), ylim=(-0.03 * high, 1.08 * high))
    ticks = [2**power for power in range(12) if 2**power <= max(most, 2)]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.locator_params(axis="y", nbins=5)
    if not drawn:
        axes.text(0.5, 0.5, "no score", transform=axes.transAxes, ha="center", va="center")


def _write_numbers(
    axes: Axes, curves: Mapping[str, Signature], looks: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write the plain score of every model above a panel, each behind its colour."""
    for number, (model, look) in enumerate(looks.items()):
        curve = curves.get(model)
        if curve is None or not len(curve.scores):
            continue
        left = number / max(len(looks), 2)
        how: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
        axes.annotate("■", (left, 1), (0, 3), fontsize=7, color=look["color"], **how)
        axes.annotate(f"{curve.scores[0]:.2f}", (left, 1), (8, 3), fontsize=7, **how)


def _legend(figure: Figure, looks: Mapping[str, Mapping[str, Any]], top: float) -> None:
    keys = [
        Line2D([], [], ls="", marker=".", color="0.3", label="from every k-th frame"),
        Line2D(
            [],
            [],
            ls="",
            marker="o",
            mfc="none",
            color="0.3",
            ms=8,
            label="from every frame",
        ),
        Line2D([], [], lw=1, color="0.3", label="a + b/k"),
        Line2D([], [], ls="", marker="<", mfc="none", ms=4, color="0.3", label="its end a"),
    ]
    models = [
        Line2D([], [], ls="", marker=MARKERS[n % 8], ms=5, color=look["color"], label=model)
        for n, (model, look) in enumerate(looks.items())
    ]
    how: dict[str, Any] = {
        "loc": "upper left",
        "fontsize": 8,
        "borderaxespad": 0,
        "columnspacing": 1.4,
        "handletextpad": 0.5,
    }
    figure.legend(handles=keys, bbox_to_anchor=(0.02, top), ncols=4, **how)
    lower = top - 0.22 / figure.get_figheight()
    figure.legend(handles=models, bbox_to_anchor=(0.02, lower), ncols=_across(looks), **how)
