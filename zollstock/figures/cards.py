"""One image, one property: its frames, and every model's curve over those of the placebos."""

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zollstock.figures.glyphs import directed
from zollstock.figures.panels import (
    BAND,
    FEWEST,
    FLATTEST,
    THIN,
    draw_model,
    held,
    limits_of,
    panel_words,
    write_above,
)
from zollstock.figures.sentences import axis_words, verdict_sentence
from zollstock.figures.sheets import Strip, draw_strip
from zollstock.figures.style import bands, fold, margins, new_figure
from zollstock.significance.beside import Beside

Array = npt.NDArray[np.float64]


def draw_cards(
    first_strips: Iterable[Strip],
    curves: Mapping[str, Mapping[str, Array]],
    unedited: Mapping[str, Mapping[str, float]],
    placebos: Mapping[str, Mapping[str, Beside]],
    property_tests: pd.DataFrame,
    looks: Mapping[str, Mapping[str, Any]],
    *,
    title: str,
    axis_title: str,
    period: float | None = None,
    alpha: float,
    boundary: float | None,
    bounds: tuple[float, float] | None = None,
    flattest: float = FLATTEST,
) -> Iterator[tuple[str, Figure]]:
    """Yield the id and the card of every image of one property; see `draw_card`.

    Parameters
    ----------
    first_strips
        Some frames of each image; of replicates the first.
    curves
        Image → model → followed output, shape (S,).
    unedited
        Image → model → followed output of the unedited picture.
    placebos
        Image → model → what its placebos did.
    property_tests
        Rows of the table of tests for this property.
    looks
        Model → line colour and dashes.
    title, axis_title
        The property's name, and what the axis of its paths counts.
    boundary
        Where the decision turns; None where the output has no such number.
    bounds
        Between which numbers the output lies, if there are such.
    period
        Of an axis that closes on itself.
    flattest
        The least span of the axes upwards.
    alpha
        Level; see `zollstock.figures.sentences.verdict_sentence`.
    """
    for strip in first_strips:
        rows = property_tests[property_tests["image"] == strip.image]
        card = draw_card(
            strip.frames,
            strip.axis,
            curves[strip.image],
            unedited[strip.image],
            placebos[strip.image],
            rows,
            looks,
            steps=list(strip.steps),
            boundary=boundary,
            bounds=bounds,
            period=period,
            flattest=flattest,
            title=f"{strip.image}: {title}",
            axis_title=axis_title,
            sentences=[
                verdict_sentence(row, alpha=alpha, title=title) for row in rows.to_dict("records")
            ],
        )
        yield strip.image, card


def draw_card(
    frames: npt.NDArray[np.uint8],
    axis: Array,
    series: Mapping[str, Array],
    unedited: Mapping[str, float],
    placebos: Mapping[str, Beside],
    rows: pd.DataFrame,
    looks: Mapping[str, Mapping[str, Any]],
    *,
    steps: Sequence[int],
    title: str,
    axis_title: str,
    sentences: Sequence[str] = (),
    boundary: float | None = 0.5,
    bounds: tuple[float, float] | None = None,
    period: float | None = None,
    flattest: float = FLATTEST,
) -> Figure:
    """Draw one image's frames, and per model its curve over those of the placebo edits.

    A placebo edit is drawn from the output of the unedited picture, by what it changed its own
    by, at the places of the axis where the edit is as far from the picture as the placebo.

    Parameters
    ----------
    frames
        The frames shown, uint8, shape (len(steps), height, width, 3).
    axis
        Property values of all steps, shape (S,), NaN at unused steps and throughout a failed
        path.
    series
        Model → followed output, shape (S,).
    unedited
        Model → the same of the unedited picture.
    placebos
        Model → what its placebos did.
    rows
        Rows of the table of tests for this image and property, one per model.
    looks
        Model → line colour and dashes.
    steps
        Which steps the frames are; see `zollstock.figures.sheets.strip_steps`.
    title, axis_title
        Words above the figure and on the axis.
    boundary
        Where the decision turns; None where the output has no such number.
    bounds
        Between which numbers the output lies, if there are such.
    period
        Of an axis that closes on itself: then each curve is led back to its first point.
    flattest
        The least span of the axes upwards.
    sentences
        Written below, such as those of
        `zollstock.figures.sentences.verdict_sentence`.
    """
    used = np.isfinite(axis)
    heading = fold(title, WIDTH - 0.8, 10)
    strip = 0.9
    if used.any():
        strip = min((WIDTH - 0.7) / max(len(steps), 1) * frames.shape[1] / frames.shape[2], 1.5)
    above = 0.28 + 0.17 * len(heading)
    top = above + strip + 0.25
    if not used.any():
        figure = new_figure(WIDTH, top)
        _write_heading(figure, heading)
        figure.text(0.5, 0.4, "failed", ha="center", va="center", fontsize=12, color="0.35")
        return figure
    words = {
        model: panel_words(
            model, row, series[model][used], _across(len(series)), closed=period is not None
        )
        for model, row in zip(rows["model"], rows.to_dict("records"), strict=True)
    }
    over = 0.13 * max(map(len, words.values())) + 0.04
    under = fold(axis_title, WIDTH - 0.6, 9)
    lines = -(-len(series) // _columns(len(series)))
    panels = (1.58 + over) * lines + 0.17 * len(under)
    verdicts = [line for text in sentences for line in _fold(text)]
    below = 0.5 + 0.145 * len(verdicts)
    figure = new_figure(WIDTH, top + panels + below)
    # Bands of known height: laying out each card would add a sixth to the time it takes.
    first, second, third = bands(figure, (top, panels, below))
    _write_heading(first, heading)
    place = (LEFT, 0.25 / top, 1 - LEFT - 0.15 / WIDTH, 1 - (above + 0.25) / top)
    draw_strip(first, frames, axis[list(steps)], place)
    grid = _panels(second, len(series), panels, over, 0.3 + 0.17 * len(under))
    for axes, model in zip(grid, series, strict=True):
        curve = axis[used], series[model][used]
        still, beside = unedited[model], placebos[model]
        draw_model(axes, *curve, still, beside, looks[model], boundary, period, bounds)
        write_above(axes, words[model])
    shown = [values[used] for values in series.values()]
    shown += [held(unedited[model] + placebos[model].changes, bounds) for model in series]
    grid[0].set_ylim(*limits_of([*shown, np.array(list(unedited.values()))], flattest))
    second.supylabel(axis_words(rows["output"].dropna()), fontsize=8, x=0.012)
    second.supxlabel("\n".join(under), fontsize=9, y=0.03 / panels, va="bottom")
    most = max(len(placebos[model].changes) for model in series)
    _card_legend(third, most, boundary is not None)
    how: dict[str, Any] = {"va": "top", "fontsize": 7.5, "linespacing": 1.35}
    third.text(LEFT, 1 - 0.36 / below, "\n".join(verdicts), **how)
    return figure


WIDTH = 6.9
"""Of a card, in inches."""


LEFT = 0.6 / WIDTH
"""Where panels and words begin."""


def _write_heading(figure: FigureBase, lines: Sequence[str]) -> None:
    figure.suptitle("\n".join(lines), x=LEFT, ha="left", fontsize=10)


def _columns(models: int) -> int:
    return {1: 1, 2: 2, 4: 2}.get(models, 3)


def _across(models: int) -> float:
    """Return the width of a panel in inches."""
    return (WIDTH - 0.6) / _columns(models) - 0.25


def _panels(
    figure: SubFigure, models: int, height: float, above: float, below: float
) -> list[Axes]:
    """Return a panel a model, on one scale, with room for words above each; sizes in inches."""
    columns = _columns(models)
    grid = figure.subplots(
        *(-(-models // columns), columns),
        sharey=True,
        squeeze=False,
        gridspec_kw={
            **margins(WIDTH, height, left=0.6, right=0.15, top=above, bottom=below),
            "hspace": (above + 0.3) / 1.2,
            "wspace": 0.25 / _across(models),
        },
    )
    for axes in grid.flat[models:]:
        axes.set_axis_off()
    return list(grid.flat[:models])


def _fold(sentence: str) -> list[str]:
    """Return a sentence in lines; no line ends within "p = 0.05"."""
    held = sentence.replace(" = ", "\u00a0=\u00a0").replace(" %", "\u00a0%")
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in held)
    letters = 106 * len(held) // (len(held) + wide)
    lines = textwrap.wrap(held, letters, subsequent_indent="    ")
    return [directed(line) for line in lines]


def _card_legend(figure: FigureBase, placebos: int, boundary: bool) -> None:
    handles: list[Any] = [Line2D([], [], color="0.2", lw=1.9, label="this edit")]
    if placebos:
        label = "placebo edits of the same size"
        handles.append(Line2D([], [], color=THIN, lw=0.7, label=label))
    if placebos >= FEWEST:
        handles.append(Patch(color=BAND, label="5–95 % of them"))
    if boundary:
        handles.append(Line2D([], [], color="0.55", lw=0.7, ls=(0, (4, 3)), label="decision"))
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(LEFT, 0.97),
        ncols=4,
        fontsize=7.5,
        borderaxespad=0,
        columnspacing=1.4,
    )
