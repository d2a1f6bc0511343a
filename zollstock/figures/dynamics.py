"""Scores and accuracy over the epochs of trainings, and scores against flips."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.figures.style import DOUBLE, MARKERS, fit_name, new_figure, write_note

_SMALL = 7.5
_ACROSS = 4
_DOT = 28.0
"""Area in points² of a dot where the decision changes on every image."""
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "pretrained": {"color": "#1f4e8c", "ls": "-"},
    "random": {"color": "#c8701e", "ls": (0, (4, 1.5))},
    "": {"color": "0.25", "ls": "-"},
}
_WORDS = {"pretrained": "pretrained", "random": "random weights", "": "the model"}
_DOTS_OF_MEAN = (
    "A dot's area is the share of images whose decision changes along the path; without a dot it "
    "changes on none."
)
_DOTS_OF_IMAGE = "A dot marks the epochs after which this image's decision changes along the path."


def draw_epochs(mean_curves: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    """Draw the mean score over epochs with flips marked and the accuracy below, a page a property.

    Parameters
    ----------
    mean_curves
        A row a property, model and epoch: ``property``, ``title``, ``architecture``, ``kind``
        (pretrained, random or ""), ``epoch``, ``score``, ``flips`` (share of images in [0, 1]),
        ``accuracy`` in [0, 1] (NaN where it is not known) and ``split``.
    """
    for name, mine in mean_curves.groupby("property", sort=False):
        title = f"{mine['title'].iloc[0]}: mean over images"
        yield str(name), _page(mine, title, _DOTS_OF_MEAN)


def draw_images(image_curves: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    """Draw single images as `draw_epochs` draws their mean, a page an image and property.

    Parameters
    ----------
    image_curves
        As for `draw_epochs`, with the column ``image``; flips are 0 or 1.
    """
    for (name, image), mine in image_curves.groupby(["property", "image"], sort=False):
        title = f"{mine['title'].iloc[0]}: image {image}"
        yield f"{name}-{image}", _page(mine, title, _DOTS_OF_IMAGE)


def _page(curves: pd.DataFrame, title: str, dots: str) -> Figure:
    names = list(dict.fromkeys(curves["architecture"]))
    down = -(-len(names) // _ACROSS)
    top, row, below = 0.42, 2.15, 0.55
    height = top + down * row + below
    figure = new_figure(DOUBLE, height)
    figure.text(0.1 / DOUBLE, 1 - 0.2 / height, fit_name(title, DOUBLE - 2.8, 9.5), fontsize=9.5)
    _kinds(figure, list(dict.fromkeys(curves["kind"])), height)
    highest = float(np.nanmax([curves["score"].max(), 1e-9]))
    ends = int(curves["epoch"].min()), int(curves["epoch"].max())
    least = curves["accuracy"].min()
    split = next((str(one) for one in curves["split"] if one), "")
    for number, name in enumerate(names):
        across, line = number % _ACROSS, number // _ACROSS
        left = (0.55 + across * 1.58) / DOUBLE
        bottom = below + (down - 1 - line) * row
        mine = curves[curves["architecture"] == name]
        upper = figure.add_axes((left, (bottom + 0.88) / height, 1.42 / DOUBLE, 1.0 / height))
        lower = figure.add_axes((left, (bottom + 0.3) / height, 1.42 / DOUBLE, 0.5 / height))
        _score(upper, mine)
        upper.set_title(fit_name(str(name), 1.4, 8), fontsize=8, loc="left", pad=3)
        upper.set_ylim(0, 1.08 * highest)
        for kind, of in mine.groupby("kind", sort=False):
            lower.plot(of["epoch"], of["accuracy"] * 100, lw=1, **_LOOKS[str(kind)])
        lower.set_ylim(100 * (least if np.isfinite(least) else 0) - 4, 102)
        for axes in (upper, lower):
            axes.set_xlim(ends[0] - 0.5, ends[1] + 0.5)
            axes.tick_params(labelsize=7, pad=2)
            if across:
                axes.set_yticklabels([])
        upper.set_xticklabels([])
        if not across:
            upper.set_ylabel("score", fontsize=_SMALL)
            lower.set_ylabel("right, %", fontsize=7)
        if number + _ACROSS >= len(names):
            lower.set_xlabel("epoch", fontsize=_SMALL, labelpad=1)
    note = (
        f"{dots} Below: the share of pictures that are classified right ({split})."
        if split
        else dots
    )
    write_note(figure, note, 0.3, lines=2)
    return figure


def _score(axes: Axes, curves: pd.DataFrame) -> None:
    for kind, mine in curves.groupby("kind", sort=False):
        look = _LOOKS[str(kind)]
        axes.plot(mine["epoch"], mine["score"], lw=1, **look)
        flipped = mine[mine["flips"] > 0]
        face = "white" if kind == "random" else look["color"]
        axes.scatter(
            flipped["epoch"], flipped["score"], s=_DOT * flipped["flips"], facecolor=face,
            edgecolor=look["color"], linewidth=0.8, zorder=3, clip_on=False,
        )  # fmt: skip


def _kinds(figure: Figure, kinds: Sequence[str], height: float) -> None:
    """Say beside the title which line is which."""
    if kinds == [""]:
        return
    for number, kind in enumerate(kinds):
        left = (DOUBLE - 2.5 + 1.15 * number) / DOUBLE
        place = 1 - 0.17 / height
        axes = figure.add_axes((left, place - 0.05 / height, 0.3 / DOUBLE, 0.1 / height))
        axes.axis("off")
        face = "white" if kind == "random" else _LOOKS[kind]["color"]
        axes.plot([0, 1], [0, 0], lw=1, **_LOOKS[kind])
        axes.plot([0.5], [0], "o", ms=4, mfc=face, mec=_LOOKS[kind]["color"])
        figure.text(left + 0.34 / DOUBLE, place, _WORDS[kind], fontsize=_SMALL, va="center")


def draw_flips(flip_points: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    """Draw each training's mean score against how often decisions flip, a page a property.

    Parameters
    ----------
    flip_points
        A row a property and model: ``property``, ``title``, ``architecture``, ``kind``,
        ``score``, ``flips``, ``checkpoints``.
    """
    for name, mine in flip_points.groupby("property", sort=False):
        yield str(name), _flips(mine)


def _flips(points: pd.DataFrame) -> Figure:
    height = 3.9
    figure = new_figure(DOUBLE, height)
    title = fit_name(str(points["title"].iloc[0]), DOUBLE - 0.2, 9.5)
    figure.text(0.1 / DOUBLE, 1 - 0.2 / height, title, fontsize=9.5)
    axes = figure.add_axes((0.7 / DOUBLE, 0.85 / height, 4.3 / DOUBLE, 2.65 / height))
    names = list(dict.fromkeys(points["architecture"]))
    for number, name in enumerate(names):
        marker = MARKERS[number % len(MARKERS)]
        # More architectures than markers differ by their size.
        size = 6.0 + 2.0 * (number // len(MARKERS))
        axes.plot([], [], marker, ms=size, color="0.25", label=fit_name(str(name), 1.3, _SMALL))
        for row in points[points["architecture"] == name].itertuples():
            colour = _LOOKS[str(row.kind)]["color"]
            face = "white" if row.kind == "random" else colour
            axes.plot([row.flips], [row.score], marker, ms=size, mec=colour, mfc=face, mew=1.2)
    axes.margins(0.08)
    # From 0 on, unless all points would lie in a corner.
    if points["flips"].min() <= 0.5 * points["flips"].max():
        axes.set_xlim(left=0)
    if points["score"].min() <= 0.5 * points["score"].max():
        axes.set_ylim(bottom=0)
    axes.tick_params(labelsize=_SMALL)
    most = int(points["checkpoints"].max())
    words = f"checkpoints, of {most}, at which an image's decision flips (mean over images)"
    axes.set_xlabel(words, fontsize=_SMALL)
    axes.set_ylabel("score, mean over checkpoints", fontsize=_SMALL)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), fontsize=_SMALL)
    kinds = set(points["kind"])
    note = "A point a training."
    if kinds - {""}:
        note += " Filled: pretrained on another task; hollow: from random weights."
    figure.text(0.1 / DOUBLE, 0.15 / height, note, fontsize=7)
    return figure
