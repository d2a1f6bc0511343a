"""What units carry of a property before and after a model's repairs."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zollstock.figures.style import DOUBLE, fit_name, new_figure, write_note
from zollstock.wording import two_digits

_SMALL = 7.5
_COLOURS = {"": "0.8", "lost": "#3a8f5c", "kept": "#2a6fbb", "gained": "#c8641e"}
_COLUMNS = 4


def draw_repaired_circuits(
    repaired_units: pd.DataFrame, circuits: pd.DataFrame, titles: Mapping[str, str], alpha: float
) -> Iterator[tuple[str, Figure]]:
    """Draw what each unit carries after a repair over what it did before, a page a property.

    Parameters
    ----------
    repaired_units, circuits
        Tables of the stage `repair`; see `zollstock.repair.circuits`.
    titles
        Property → its name in figures.
    alpha
        Of q: units below it are of a circuit.
    """
    for (base, prop), mine in circuits.groupby(["base", "property"], sort=False):
        of = (repaired_units["base"] == base) & (repaired_units["property"] == prop)
        title = f"{base}: what units carry of {titles.get(str(prop), str(prop))}"
        yield f"{base}-{prop}", _page(title, mine, repaired_units[of], alpha)


def _page(title: str, table: pd.DataFrame, units: pd.DataFrame, alpha: float) -> Figure:
    columns = min(_COLUMNS, max(2, len(table)))
    rows = -(-len(table) // columns)
    left, side, gap, above, top, below = 0.5, 1.25, 0.4, 0.72, 0.13, 1.05
    height = top + rows * (side + above) + below
    figure = new_figure(DOUBLE, height)
    figure.text(0.1 / DOUBLE, 1 - 0.2 / height, fit_name(title, DOUBLE - 0.2, 9.5), fontsize=9.5)
    for place, row in enumerate(table.to_dict("records")):
        line, column = divmod(place, columns)
        bottom = height - top - (line + 1) * (side + above)
        axes = figure.add_axes(
            (
                (left + column * (side + gap)) / DOUBLE,
                bottom / height,
                side / DOUBLE,
                side / height,
            )
        )
        _panel(axes, units[units["model"] == row["model"]])
        _heads(axes, row, side)
        if not column:
            axes.set_ylabel("after", fontsize=_SMALL)
        if place + columns >= len(table):
            axes.set_xlabel("before", fontsize=_SMALL)
    _explain(figure, height, alpha)
    return figure


def _panel(axes: Axes, units: pd.DataFrame) -> None:
    """Draw a repair. One lively repair would press all others into a dot if panels shared a scale.

    Where no unit carries more than before, panels have the same scale all the same.
    """
    values = units[["before", "after"]].to_numpy(float)
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    margin = 0.06 * max(high - low, 1e-6)
    limits = (low - margin, high + margin)
    axes.plot(limits, limits, color="0.85", lw=0.8, zorder=1)
    axes.axhline(0, color="0.85", lw=0.8, zorder=1)
    for change, colour in _COLOURS.items():
        mine = units[units["change"] == change]
        axes.plot(mine["before"], mine["after"], "o", ms=2.6, mew=0, color=colour, ls="none")
    axes.set(xlim=limits, ylim=limits)
    axes.locator_params(nbins=4)
    axes.tick_params(labelsize=7)


def _heads(axes: Axes, row: Mapping[str, object], side: float) -> None:
    """Write method, how far the output moves, and how many units are kept, gained and lost."""
    name = fit_name(str(row["method"]), side, _SMALL)
    axes.text(0, 1.24, name, transform=axes.transAxes, fontsize=_SMALL, weight="bold")
    moves = " → ".join(two_digits(float(str(row[key]))) for key in ("before", "after"))
    axes.text(0, 1.13, f"moves {moves}", transform=axes.transAxes, fontsize=7)
    for place, change in enumerate(("lost", "kept", "gained")):
        words, at = f"● {int(float(str(row[change])))}", 0.34 * place
        axes.text(at, 1.02, words, transform=axes.transAxes, fontsize=7, color=_COLOURS[change])


def _explain(figure: Figure, height: float, alpha: float) -> None:
    place = 0.1
    for change, colour in list(_COLOURS.items())[1:]:
        figure.text(place / DOUBLE, 0.52 / height, f"● {change}", fontsize=_SMALL, color=colour)
        place += 0.75
    note = (
        "A point a unit: its share times the mean change of the output, before and after; on the "
        f"line nothing changed. Scales differ. In colour: q at most {alpha:g} before (lost), after "
        "(gained), or both (kept). Which units pass hangs on how many images there are."
    )
    write_note(figure, note, 0.34, lines=2)
