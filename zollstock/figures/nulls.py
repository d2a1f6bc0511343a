"""What the shuffle test compares: one image as an example, and the numbers of all."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.figures.style import DOUBLE, cut_name, fit_name, fold, new_figure, width_of
from zollstock.scoring.inspection import NullCell, NullRow
from zollstock.wording import two_digits

Array = npt.NDArray[np.float64]

ACROSS = 3
"""Models beside each other."""

_SMALL = 7.0
_LINE = 0.15  # inches of a row of the table
_PANELS = 2.75  # and of the example


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
    axis_title: str,
) -> Figure:
    """Draw shuffled series over the real one of one image, and write down all that was found.

    The example is the first image that has a score by each of the models drawn: above its series
    and 20 of the shuffles, below the scores of all shuffles with the observed one. The table has
    a row per image: score, null mean ± deviation, and p.

    Parameters
    ----------
    nulls
        What is drawn per image.
    looks
        Model → line colour and dashes.
    title, statistic, axis_title
        The property's name, the score's, and what the path's axis counts.
    """
    models = list(looks)
    drawn = models[:ACROSS]
    blocks = [models[first : first + ACROSS] for first in range(0, len(models), ACROSS)]
    example = next((row for row in nulls if _scored(row, drawn)), None)
    panels = _PANELS if example else 0.0
    words = f"{title}: the shuffle test of {statistic}"
    heading = fold(words, DOUBLE - 0.2, 9)
    above = 0.12 + 0.16 * len(heading)
    table = sum(_LINE * (len(nulls) + 2.2) for _ in blocks)
    height = above + panels + table + 0.1
    figure = new_figure(DOUBLE, height)
    figure.text(0.1 / DOUBLE, 1 - 0.07 / height, "\n".join(heading), fontsize=9, va="top")
    if example:
        _draw_example(figure, example, looks, drawn, (above, height), (statistic, axis_title))
    top = above + panels
    for block in blocks:
        _write_table(figure, nulls, block, top, height)
        top += _LINE * (len(nulls) + 2.2)
    return figure


def _scored(row: NullRow, models: Sequence[str]) -> bool:
    return all(np.isfinite(row.cells[model].score) for model in models)


def _draw_example(
    figure: Figure,
    example: NullRow,
    looks: Mapping[str, Mapping[str, Any]],
    models: Sequence[str],
    place: tuple[float, float],
    words: tuple[str, str],
) -> None:
    above, height = place
    statistic, axis_title = words
    left, between = 0.55, 0.45
    wide = (DOUBLE - left - 0.1 - between * (len(models) - 1)) / len(models)
    wide = min(wide, 3.0)
    for number, model in enumerate(models):
        cell = example.cells[model]
        at = left + number * (wide + between)
        tall, first = 0.85, above + 0.35
        upper = figure.add_axes(
            (at / DOUBLE, 1 - (first + tall) / height, wide / DOUBLE, tall / height)
        )
        second = first + tall + 0.48
        lower = figure.add_axes(
            (at / DOUBLE, 1 - (second + 0.6) / height, wide / DOUBLE, 0.6 / height)
        )
        head = fold(f"{model}, {cut_name(example.image)}", wide + 0.05, 7.5, lines=1)[0]
        upper.set_title(head, fontsize=7.5, loc="left", pad=3)
        _draw_series(upper, cell, looks[model])
        _draw_null(lower, cell, looks[model])
        upper.set_xlabel(fold(axis_title, wide, _SMALL, lines=1)[0], fontsize=_SMALL, labelpad=1)
        lower.set_xlabel(statistic, fontsize=_SMALL, labelpad=1)
        for axes in (upper, lower):
            axes.tick_params(labelsize=_SMALL, length=2.5, pad=2)
            axes.locator_params(nbins=4)
        if number == 0:
            upper.set_ylabel("output", fontsize=_SMALL)
            lower.set_ylabel("shuffles", fontsize=_SMALL)


def _draw_series(axes: Axes, cell: NullCell, look: Mapping[str, Any]) -> None:
    if len(cell.shuffled):
        # One line with gaps in it: a line each takes longer.
        gap = np.full((len(cell.shuffled), 1), np.nan)
        axes.plot(
            np.tile(np.append(cell.axis, np.nan), len(cell.shuffled)),
            np.hstack([cell.shuffled, gap]).ravel(),
            color="0.78",
            lw=0.4,
            gid="shuffled",
        )
    axes.plot(cell.axis, cell.series, color=look["color"], lw=1.6, gid="series")
    if len(cell.axis) > 1:
        # In the order of the frames, so that a falling axis falls.
        axes.set_xlim(float(cell.axis[0]), float(cell.axis[-1]))


def _draw_null(axes: Axes, cell: NullCell, look: Mapping[str, Any]) -> None:
    null = cell.null[np.isfinite(cell.null)]
    axes.hist(null, bins=24, color="0.78", gid="null")
    axes.axvline(cell.score, color=look["color"], lw=2, gid="score")


def _write_table(
    figure: Figure, nulls: Sequence[NullRow], models: Sequence[str], top: float, height: float
) -> None:
    names = [fit_name(row.image, 1.4, _SMALL) for row in nulls]
    before = max([width_of(name, _SMALL) for name in names], default=0.4) + 0.3
    wide = (DOUBLE - before - 0.1) / max(len(models), 2)
    how: dict[str, Any] = {"fontsize": _SMALL, "va": "center"}
    y = 1 - (top + 0.5 * _LINE) / height
    figure.text(0.1 / DOUBLE, y, "image", color="0.35", **how)
    for column, model in enumerate(models):
        head = fold(f"{model}: score, shuffles, p", wide - 0.1, _SMALL, lines=1)[0]
        figure.text((before + column * wide) / DOUBLE, y, head, color="0.35", **how)
    for line, (row, name) in enumerate(zip(nulls, names, strict=True)):
        y = 1 - (top + (line + 1.6) * _LINE) / height
        figure.text(0.1 / DOUBLE, y, name, **how)
        for column, model in enumerate(models):
            words = _numbers(row.cells[model])
            figure.text((before + column * wide) / DOUBLE, y, words, **how)


def _numbers(cell: NullCell) -> str:
    if not len(cell.axis):
        return "failed"
    if not np.isfinite(cell.score):
        return "no score"
    null = f"{two_digits(cell.null_mean)} ± {two_digits(cell.null_std)}"
    return f"{two_digits(cell.score)}, {null}, {show_p(cell.p_value, len(cell.null))}"
