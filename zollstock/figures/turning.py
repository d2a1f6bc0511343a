"""A property whose axis closes on itself: what a model says of every class along a turn."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.arrays import Array
from zollstock.figures.panels import CLOSING, closing, draw_round, limits_of
from zollstock.figures.sheets import thumbnail
from zollstock.figures.style import DOUBLE, cut_name, fit_name, fold, margins, new_figure

_PICTURE, _TALL, _GAP = 1.0, 1.3, 0.42  # inches
_CURVES = 2 * _PICTURE + 1.05
"""Inches from the left edge to the panels of curves."""
_LINE = 0.17


class Turn(NamedTuple):
    """What a model says along a turn of one image.

    Attributes
    ----------
    image
        Its id.
    own
        The class whose extremes are shown: the image's own, or the one that is largest on average.
    axis
        Values of the property, (S,).
    curves
        Class → its output, (S,).
    extremes
        Steps where the own class is highest and lowest.
    frames
        The frames there, uint8, (2, H, W, 3).
    """

    image: str
    own: str
    axis: Array
    curves: Mapping[str, Array]
    extremes: tuple[int, int]
    frames: npt.NDArray[np.uint8]


def draw_turns(
    turns: Iterable[tuple[str, list[Turn]]],
    *,
    title: str,
    axis_title: str,
    unit: str | None,
    period: float | None,
    noun: str,
    flattest: float,
    palette: str,
) -> Iterator[tuple[str, Figure]]:
    """Yield a page a model: curves of its classes, frames where the own class is highest, lowest.

    Parameters
    ----------
    turns
        Model → some images' turns.
    title, axis_title
        The property's name, and what its axis counts.
    unit
        Of the axis.
    period
        After which it closes.
    noun
        What a curve is: a similarity, a probability.
    flattest
        The least span of an axis upwards.
    palette
        Of the classes.
    """
    for model, found in turns:
        yield model, _page(model, found, title, axis_title, unit, period, noun, flattest, palette)


def _page(
    model: str,
    turns: list[Turn],
    title: str,
    axis_title: str,
    unit: str | None,
    period: float | None,
    noun: str,
    flattest: float,
    palette: str,
) -> Figure:
    heading = fold(f"{title}: {model}", DOUBLE - 0.3, 10)
    classes = list(dict.fromkeys(name for turn in turns for name in turn.curves))
    colours = matplotlib.color_sequences[palette]
    looks = {name: colours[place % len(colours)] for place, name in enumerate(classes)}
    above, below = 0.3 + _LINE * len(heading), 0.45 + _LINE * -(-len(classes) // 2)
    height = above + max(len(turns), 1) * (_TALL + _GAP) - _GAP + below
    figure = new_figure(DOUBLE, height)
    figure.suptitle(
        "\n".join(heading), x=0.12 / DOUBLE, y=1 - 0.06 / height, ha="left", fontsize=10
    )
    if not turns:
        figure.text(0.12 / DOUBLE, below / height, "no path", fontsize=9, color="0.35")
        return figure
    grid = figure.subplots(
        len(turns),
        1,
        sharex=True,
        squeeze=False,
        gridspec_kw={
            **margins(DOUBLE, height, left=_CURVES, right=0.15, top=above, bottom=below),
            "hspace": _GAP / _TALL,
        },
    )
    limits = limits_of([curve for turn in turns for curve in turn.curves.values()], flattest)
    for row, (axes, turn) in enumerate(zip(grid[:, 0], turns, strict=True)):
        top = 1 - (above + row * (_TALL + _GAP)) / height
        _put_frames(figure, turn, top, unit)
        _draw_curves(axes, turn, looks, period)
        axes.set_ylim(*limits)
        axes.locator_params(axis="y", nbins=4)
        axes.tick_params(labelsize=7, length=2.5)
        wide = DOUBLE - _CURVES - 0.2
        axes.set_title(fit_name(turn.image, wide, 8), loc="left", fontsize=8, pad=3)
    where = (_CURVES / DOUBLE, (below - 0.4) / height)
    figure.text(*where, fold(axis_title, DOUBLE - _CURVES - 0.2, 8, lines=1)[0], fontsize=8)
    figure.text((_CURVES - 0.5) / DOUBLE, 0.5, noun, rotation=90, va="center", fontsize=8)
    figure.legend(
        handles=[
            Line2D([], [], color=looks[name], lw=1.6, label=fit_name(name, DOUBLE / 2 - 0.7, 7.5))
            for name in classes
        ],
        loc="lower left",
        bbox_to_anchor=(0.1 / DOUBLE, 0.02 / height),
        ncols=2,
        fontsize=7.5,
        borderaxespad=0,
    )
    return figure


def _put_frames(figure: Figure, turn: Turn, top: float, unit: str | None) -> None:
    """Put the frames of both extremes beside a panel."""
    height = figure.get_figheight()
    for place, (word, step) in enumerate(zip(("highest", "lowest"), turn.extremes, strict=True)):
        left = (0.12 + place * (_PICTURE + 0.1)) / DOUBLE
        bottom = top - _PICTURE / height
        axes = figure.add_axes((left, bottom, _PICTURE / DOUBLE, _PICTURE / height))
        axes.imshow(thumbnail(turn.frames[place]), interpolation="nearest")
        axes.set_axis_off()
        value = f"{turn.axis[step]:.3g}".replace("-", "−")
        figure.text(
            left, bottom - 0.13 / height, f"{word}, {value} {unit or ''}".rstrip(), fontsize=7
        )
    words = cut_name(turn.own, 18)
    figure.text(0.12 / DOUBLE, top + 0.05 / height, f"of {words}", fontsize=7.5)


def _draw_curves(axes: Axes, turn: Turn, looks: Mapping[str, Any], period: float | None) -> None:
    for name, curve in turn.curves.items():
        wide = 2.0 if name == turn.own else 1.0
        axes.plot(turn.axis, curve, color=looks[name], lw=wide, gid="class")
        back = closing(turn.axis, curve, period)
        if back is not None:
            axes.plot(*back, color=looks[name], lw=wide, ls=CLOSING, gid="closing")
    for step, marker in zip(turn.extremes, "^v", strict=True):
        axes.plot(
            turn.axis[step],
            turn.curves[turn.own][step],
            color=looks[turn.own],
            marker=marker,
            ms=6,
            mec="white",
            clip_on=False,
            zorder=5,
            gid="extreme",
        )
    draw_round(axes, turn.axis, period)
