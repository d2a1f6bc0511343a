"""One image, one property: its frames, and every model's curve over those of the placebos."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zollstock.figures.sentences import MATCHED, exceed, followed, percent, show
from zollstock.figures.style import RED, flags_in_words, plt

Array = npt.NDArray[np.float64]
Placebos = Sequence[tuple[Array, Array]]

_GRID = np.linspace(0, 1, 41)  # edit sizes at which the band is drawn
_FEWEST = 5  # placebos that a band needs
_FLATTEST = 0.2  # span of the y-axis at least, so that a flat curve looks flat
_BAND = "0.85"
_THIN = "0.62"


def draw_card(
    frames: npt.NDArray[np.uint8],
    axis: Array,
    series: Mapping[str, Array],
    placebo_series: Mapping[str, Placebos],
    rows: pd.DataFrame,
    looks: Mapping[str, Mapping[str, Any]],
    *,
    steps: Sequence[int],
    title: str,
    property_title: str,
    sizes: Array | None = None,
    sentences: Sequence[str] = (),
) -> Figure:
    """Draw one image's frames, and per model its curve over those of the placebo edits.

    All curves are drawn as the change since their own first frame. The x-axis is the property's.
    A placebo edit has no such axis: it is drawn by its edit size, 0 at the left end and the
    target's edit size at the right end. With `sizes` it stands wherever the target's edit is as
    large. The ticks at the right end are the placebos' last values, at equal size.

    Parameters
    ----------
    frames
        The frames shown, uint8, shape (len(steps), height, width, 3).
    axis
        Property values of all steps, shape (S,), NaN at unused steps and throughout a failed
        path.
    series
        Model → followed probability, shape (S,).
    placebo_series
        Model → (x, p) of every placebo edit: its edit size in units of the target's, and the
        followed probability, both of one shape. May be empty.
    rows
        Rows of the table of tests for this image and property, one per model.
    looks
        Model → line colour and dashes.
    steps
        Which steps the frames are; see `zollstock.figures.sheets.strip_steps`.
    title, property_title
        Words above the figure and on the axis.
    sizes
        How far each frame of the target is from its first, in any unit, shape (S,).
    sentences
        Written below, such as those of
        `zollstock.figures.sentences.verdict_sentence`.
    """
    used = np.isfinite(axis)
    models = list(series)
    columns = {1: 1, 2: 2, 4: 2}.get(len(models), 3)
    lines = -(-len(models) // columns)
    verdicts = [line for text in sentences for line in _fold(text)]
    wide = 7.2
    across = (wide - 0.55) / columns
    by_model = rows.set_index("model")
    wrong = {
        model: textwrap.wrap(_doubts(by_model.loc[model]), int(across * 15)) for model in models
    }
    doubts = 0.13 * max(map(len, wrong.values()))  # inches
    strip = (wide - 0.7) / max(len(steps), 1) * frames.shape[1] / frames.shape[2]
    strip = min(strip, 1.5) if used.any() else 0.9
    heading = textwrap.wrap(title, 78, max_lines=2, placeholder=" …")
    above, panel, below = 0.3 + 0.16 * len(heading), 2.05 + doubts, 0.8 + 0.15 * len(verdicts)
    high = above + strip + (panel * lines + below if used.any() else 0.2)
    figure = plt.figure(figsize=(wide, high))
    figure.text(0.6 / wide, 1 - 0.08 / high, "\n".join(heading), va="top", fontsize=10)
    if not used.any():
        figure.text(0.5, 0.4, "failed", ha="center", va="center", fontsize=12, color="0.35")
        return figure
    _draw_strip(figure, frames, axis[list(steps)], above, strip)

    outputs = set(by_model["output"].dropna())
    fans = {model: _fan(placebo_series.get(model, ())) for model in models}
    places = _places(axis[used], None if sizes is None else sizes[used])
    limits = _limits([_change(series[model][used]) for model in models] + list(fans.values()))
    for place, model in enumerate(models):
        line, column = divmod(place, columns)
        panels = figure.add_axes(
            (
                (0.6 + across * column) / wide,
                1 - (above + strip + panel * (line + 1) - 0.2) / high,
                (across - 0.26) / wide,
                (panel - 0.85 - doubts) / high,
            )
        )
        _draw_model(panels, axis[used], series[model][used], fans[model], places, looks[model])
        panels.set_ylim(*limits)
        panels.tick_params(labelleft=column == 0, labelsize=7)
        _panel_words(panels, model, by_model.loc[model], series[model][used], wrong[model])
        if column == 0:
            name = next(iter(outputs)) if len(outputs) == 1 else "class"
            panels.set_ylabel(f"change of {followed(name)}", fontsize=8)
    bottom = (below - 0.06) / high
    figure.text(0.6 / wide, bottom, property_title, va="top", fontsize=9)
    most = max(map(len, fans.values()))
    _card_legend(figure, most, sizes is not None, bottom - 0.24 / high)
    low = (below - 0.66) / high
    figure.text(0.6 / wide, low, "\n".join(verdicts), va="top", fontsize=7.5, linespacing=1.35)
    return figure


def _draw_strip(
    figure: Figure, frames: npt.NDArray[np.uint8], values: Array, above: float, tall: float
) -> None:
    wide, high = figure.get_size_inches()
    cell = (wide - 0.7) / len(values)
    for place, (frame, value) in enumerate(zip(frames, values, strict=True)):
        left = 0.6 + place * cell
        picture = figure.add_axes(
            (left / wide, 1 - (above + tall) / high, (cell - 0.06) / wide, tall / high)
        )
        picture.imshow(frame, interpolation="nearest", aspect="equal")
        picture.set_axis_off()
        picture.set_title(f"{value:.2f}", fontsize=7, pad=2, color="0.35")


def _change(p: Array) -> Array:
    """Return p minus its first value."""
    return p - p[0]


def _fan(placebos: Placebos) -> Array:
    """Return the placebos' changes at the sizes of `_GRID`, NaN beyond their end: (K, 41).

    Sizes that fall back count as their running maximum, as in the test.
    """
    lines = []
    for x, p in placebos:
        good = np.isfinite(x) & np.isfinite(p)
        if np.count_nonzero(good) > 1:
            size = np.maximum.accumulate(x[good])
            lines.append(np.interp(_GRID, size, _change(p[good]), right=np.nan))
    return np.array(lines).reshape(len(lines), len(_GRID))


def _ends(fan: Array) -> Array:
    """Return the last finite value of every placebo, shape (K,)."""
    return np.array([line[np.isfinite(line)][-1] for line in fan])


def _places(axis: Array, sizes: Array | None) -> Array:
    """Return where on the axis the sizes of `_GRID` are drawn."""
    if sizes is None or len(axis) < 2 or not np.nanmax(sizes) > 0:
        return axis[0] + _GRID * (axis[-1] - axis[0])
    size = np.maximum.accumulate(np.nan_to_num(sizes))
    reached = int(size.argmax()) + 1  # after that the edit stands still
    places: Array = np.interp(_GRID, size[:reached] / size[-1], axis[:reached])
    return places


def _limits(changes: Sequence[Array]) -> tuple[float, float]:
    """Return y-limits around all changes, `_FLATTEST` apart at least."""
    values = np.concatenate([np.zeros(1), *(part.ravel() for part in changes)])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    missing = max(_FLATTEST - (high - low), 0.0) / 2
    room = 0.06 * max(high - low, _FLATTEST)
    return low - missing - room, high + missing + room


def _draw_model(
    axes: Axes, axis: Array, p: Array, fan: Array, places: Array, look: Mapping[str, Any]
) -> None:
    axes.axhline(0, color="0.75", lw=0.6, zorder=0)
    # The target's edit may stand still at the end: so do the placebos, at its size.
    places, drawn = np.append(places, axis[-1]), np.column_stack([fan, fan[:, -1:]])
    if len(fan) >= _FEWEST:
        reached = np.isfinite(drawn).sum(axis=0) >= max(_FEWEST, len(fan) / 2)
        low, high = np.nanquantile(drawn[:, reached], [0.05, 0.95], axis=0)
        axes.fill_between(places[reached], low, high, color=_BAND, lw=0, zorder=1, gid="band")
    thin = 0.4 if len(fan) >= _FEWEST else 0.9
    for line in drawn:
        axes.plot(places, line, color=_THIN, lw=thin, alpha=0.8, zorder=2, gid="placebo")
    axes.plot(axis, _change(p), lw=1.9, zorder=4, gid="target", **look)
    axes.plot(axis[-1], _change(p)[-1], "o", color=look["color"], ms=4.5, clip_on=False, zorder=5)
    if len(axis) > 1:
        axes.set_xlim(float(axis[0]), float(axis[-1]))
    if len(fan):
        axes.plot(
            np.full(len(fan), 1.015),
            _ends(fan),
            ls="",
            marker="_",
            ms=6,
            mew=0.7,
            color="0.35",
            transform=axes.get_yaxis_transform(),
            clip_on=False,
            zorder=3,
            gid="ends",
        )
    axes.locator_params(nbins=5)


def _panel_words(axes: Axes, model: str, row: pd.Series, p: Array, wrong: Sequence[str]) -> None:
    """Write model, probabilities, the test, and what is wrong above a panel."""
    name = model if len(model) < 27 else f"{model[:13]}…{model[-12:]}"
    known = np.isfinite(p).all()
    text = f"{followed(row['output'])} {p[0]:.2f} → {p[-1]:.2f}" if known else "no number"
    beaten = exceed(row)
    if not np.isfinite(row["p"]):
        test = "no placebo test"
    elif beaten is None:
        test = f"p = {show(row['p'])}"
    else:
        test = f"{beaten} of {int(row['used'])} placebos as large, p = {show(row['p'])}"
    words = [*reversed(wrong), test, text]
    for line, word in enumerate(words):
        colour = RED if line < len(wrong) else "0.25"
        _above(axes, 4 + 9.5 * line, word, fontsize=7, color=colour)
    _above(axes, 5 + 9.5 * len(words), name, fontsize=8.5, weight="bold")


def _above(axes: Axes, points: float, words: str, **how: Any) -> None:  # noqa: ANN401
    axes.annotate(
        words, (0, 1), (0, points), xycoords="axes fraction", textcoords="offset points", **how
    )


def _doubts(row: pd.Series) -> str:
    """Return the flags, and how far the placebos fall short, in words."""
    wrong = flags_in_words(row["flags"])
    if row["match"] < MATCHED:
        wrong.append(f"placebos reach {percent(row['match'])} of its size")
    return ", ".join(wrong)


def _fold(sentence: str) -> list[str]:
    """Return a sentence in lines; no line ends within "p = 0.05"."""
    held = sentence.replace(" = ", "\u00a0=\u00a0").replace(" %", "\u00a0%")
    return textwrap.wrap(held, 118, subsequent_indent="    ")


def _card_legend(figure: Figure, placebos: int, sized: bool, y: float) -> None:
    handles: list[Any] = [Line2D([], [], color="0.2", lw=1.9, label="this edit")]
    if placebos:
        where = "everywhere at this edit's size" if sized else "this edit's size at the right end"
        label = f"placebo edits, {where}"
        handles.append(Line2D([], [], color=_THIN, lw=0.7, label=label))
    if placebos >= _FEWEST:
        handles.append(Patch(color=_BAND, label="5–95 % of them"))
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.6 / 7.2, y),
        ncols=3,
        fontsize=7.5,
        borderaxespad=0,
        columnspacing=1.4,
    )
