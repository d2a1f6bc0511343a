"""Which units carry a property: every unit by its layer, and where the best ones are driven."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.figures.circuits import AGAINST, FOR
from zollstock.figures.style import DOUBLE, fit_name, fold, new_figure, width_of
from zollstock.wording import counted, two_digits

Picture = npt.NDArray[np.uint8]
_SMALL = 7.5
_ROW, _PATCH = 0.17, 0.5
_BOLD = 1.15  # how much wider bold letters are than those that are measured


@dataclass(frozen=True)
class Patch:
    """A part of a path's first and last frame, and of which image."""

    image: str
    start: Picture
    end: Picture


@dataclass(frozen=True)
class UnitPage:
    """A property in a model.

    Attributes
    ----------
    name
        Of the page's file.
    title
        What it shows.
    layers
        Names of the layers with units, in the order of the network.
    units
        Rows of the table of units.
    best
        The channels with the largest shares, each with the patches that drive it.
    incomplete
        The largest completeness error of a cut, as a share of what all paths do.
    """

    name: str
    title: str
    layers: Sequence[str]
    units: pd.DataFrame
    best: Sequence[tuple[Mapping[str, float | str], Sequence[Patch]]]
    incomplete: float


def draw_units(unit_pages: Iterator[UnitPage], alpha: float) -> Iterator[tuple[str, Figure]]:
    """Draw every unit's share of a property's effect, a page a property and model.

    Parameters
    ----------
    unit_pages
        What is drawn.
    alpha
        Units whose q is at most this are drawn full.
    """
    for page in unit_pages:
        yield page.name, _page(page, alpha)


def _page(page: UnitPage, alpha: float) -> Figure:
    names = [fit_name(name, 1.5, _SMALL) for name in page.layers]
    before = max((width_of(name, _SMALL) for name in names), default=0.5) + 0.2
    rows, best = max(len(page.layers), 1), len(page.best)
    body = max(rows * _ROW, best * (_PATCH + 0.2), 1.0)
    title = fold(page.title, DOUBLE - 0.2, 9.5, lines=2)
    note = fold(_note(page, alpha), DOUBLE - 0.2, 7, lines=5)
    top, below = 0.45 + 0.17 * len(title), 0.55 + 0.13 * len(note)
    height = top + body + below
    figure = new_figure(DOUBLE, height)
    for line, text in enumerate(title):
        figure.text(0.1 / DOUBLE, 1 - (0.17 + 0.17 * line) / height, text, fontsize=9.5)
    right = 3.15 if best else 0.15
    wide = DOUBLE - before - right
    axes = figure.add_axes((before / DOUBLE, below / height, wide / DOUBLE, body / height))
    _layers(axes, page, names, alpha)
    for place, (unit, patches) in enumerate(page.best):
        y = below + body - (place + 1) * (body / best) + 0.02
        _channel(figure, unit, patches, (DOUBLE - right + 0.2, y), height, alpha)
    for number, text in enumerate(note):
        y = (0.1 + 0.13 * (len(note) - 1 - number)) / height
        figure.text(0.1 / DOUBLE, y, text, fontsize=7)
    return figure


def _layers(axes: Axes, page: UnitPage, names: Sequence[str], alpha: float) -> None:
    axes.axvline(0, color="0.85", lw=0.8, zorder=0)
    places = page.units["layer"].map({name: place for place, name in enumerate(page.layers)})
    share = page.units["share"].to_numpy(float)
    passed = page.units["q"].fillna(1).to_numpy(float) <= alpha
    colours = np.where(share >= 0, FOR, AGAINST)
    for which, full in ((~passed, False), (passed, True)):
        axes.scatter(
            share[which],
            places.to_numpy(float)[which],
            s=16 if full else 9,
            facecolor=colours[which] if full else "none",
            edgecolor=colours[which],
            linewidth=0.6,
            zorder=3 if full else 2,
        )
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.tick_params(axis="both", labelsize=_SMALL)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color="0.94", lw=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("share of the property's effect", fontsize=8)
    axes.set_title("every unit, by its layer", fontsize=8.5, loc="left")


def _channel(
    figure: Figure,
    unit: Mapping[str, float | str],
    patches: Sequence[Patch],
    at: tuple[float, float],
    height: float,
    alpha: float,
) -> None:
    left, bottom = at
    share, q = float(unit["share"]), float(unit["q"])
    words = f", channel {int(unit['unit'])}: {two_digits(share, sign=True)}"
    if np.isfinite(float(unit["low"])):
        words += f" [{two_digits(float(unit['low']))}, {two_digits(float(unit['high']))}]"
    room = 2.85 / _BOLD - width_of(words, _SMALL)
    text = fit_name(str(unit["layer"]), room, _SMALL) + words
    known = np.isfinite(q) and q <= alpha
    figure.text(
        left / DOUBLE,
        (bottom + _PATCH + 0.04) / height,
        text,
        fontsize=_SMALL,
        color=FOR if share >= 0 else AGAINST,
        weight="bold" if known else "normal",
    )
    side = _PATCH / 2 - 0.02
    for place, patch in enumerate(patches):
        for row, picture in enumerate((patch.start, patch.end)):
            x = left + place * (side * 1 + 0.42)
            box = (
                (x + row * (side + 0.02)) / DOUBLE,
                (bottom + _PATCH / 2 - side / 2) / height,
                side / DOUBLE,
                side / height,
            )
            axes = figure.add_axes(box)
            axes.imshow(picture, interpolation="nearest", aspect="auto")
            axes.set(xticks=[], yticks=[])
            for spine in axes.spines.values():
                spine.set(visible=True, linewidth=0.4, color="0.6")


def _note(page: UnitPage, alpha: float) -> str:
    count = int(page.units["n"].iloc[0]) if len(page.units) else 0
    passed = int((page.units["q"].fillna(1) <= alpha).sum())
    text = (
        f"Shares sum to 1 at a layer through which all goes; over {counted(count, 'image')}, of "
        f"{len(page.units)} units {passed} pass the test (full, bold: q ≤ {alpha:g}). Blue "
        "carries the effect, orange works against it. The test asks which units take part in the "
        "change, not whether the property has an effect."
    )
    if page.best:
        text += " Patches: where a channel is driven most, in the first and the last frame."
    if np.isfinite(page.incomplete):
        text += (
            f" At no cut do the sums miss more than {two_digits(100 * page.incomplete)} % of what "
            "the paths do."
        )
    return text
