"""Effect against evidence: every property, model and image in one picture."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from zollstock.figures.names import write_names
from zollstock.figures.style import DOUBLE, MARKERS, RED, as_power, fit_name, fold, new_figure

_DARK = "0.15"
_LOG_FROM = 50.0  # ratio of the effects from which their axis is logarithmic
_LEFT = 1e-3  # effects below this share of the highest stand at the left edge
_TOP = 1e-6  # q below this stand at the upper edge
_MOST_NAMES = 4  # with more models the legend names them

Looks = Mapping[str, Mapping[str, Any]]


def draw_volcano(
    evidence: pd.DataFrame,
    summary: pd.DataFrame,
    looks: Looks,
    titles: Mapping[str, str],
    *,
    alpha: float,
) -> Figure:
    """Draw q over effect, one panel per property: means over images large, single images small.

    Properties have panels of their own, on one scale, because p-values of placebo tests are
    steps: in one panel most marks would lie on the same height and hide each other. The effect
    is epgm, or what replicates share of it; the y-axis is −log10 q and is written in q. Rows
    without q or effect are counted in words, and without any q nothing is drawn. The dotted line
    is the smallest q that a single image can reach: the smallest p that its placebos allow, since
    no q is below its p.

    Parameters
    ----------
    evidence
        The table of tests: one row per image, property and model, with the columns property,
        model, flags, corrected, resolution, q_bh.
    summary
        One row per property and model, with the columns property, placebo, model, corrected,
        corrected_low, corrected_high, q_bh.
    looks
        Model → line colour and dashes.
    titles
        Property → its name in figures; the panels, in order.
    alpha
        Level of the dashed line.
    """
    if not (evidence["q_bh"].notna().any() or summary["q_bh"].notna().any()):
        return _nothing()
    small = evidence.assign(
        x=evidence["corrected"].astype(float),
        q=evidence["q_bh"].astype(float),
        floor=evidence["resolution"],
        crossed=[isinstance(text, str) and text != "" for text in evidence["flags"]],
    )
    large = summary.assign(
        x=summary["corrected"].astype(float),
        low=summary["corrected_low"],
        high=summary["corrected_high"],
        q=summary["q_bh"].astype(float),
        crossed=[
            bool(small["crossed"][here].mean() >= 0.5)
            for name, model in zip(summary["property"], summary["model"], strict=True)
            for here in [(small["property"] == name) & (small["model"] == model)]
        ],
    )
    small, large = (table.dropna(subset=["x", "q"]) for table in (small, large))
    placebo = dict(zip(summary["property"], summary["placebo"].astype(bool), strict=True))
    floor = float(small["floor"].min())  # NaN where no image has placebos

    columns = {1: 1, 2: 2, 4: 2}.get(len(titles), 3)
    rows = -(-len(titles) // columns)
    wide, tall = (4.8 if columns == 1 else 6.1 / columns), (2.9 if rows == 1 else 2.2)
    lines = _headlines((evidence, summary), (small, large), placebo, alpha, floor)
    above, below = 0.42 + 0.21 * len(lines), max(1.45, 0.4 + 0.18 * min(len(looks), 8))
    width, height = DOUBLE, above + tall * rows + below
    figure = new_figure(width, height)
    both = pd.concat([small[["x", "q"]], large[["x", "q"]]])
    drawn: list[tuple[Axes, pd.DataFrame]] = []
    for place, (name, title) in enumerate(titles.items()):
        row, column = divmod(place, columns)
        axes = figure.add_axes(
            (
                (0.75 + wide * column) / width,
                1 - (above + tall * (row + 1) - 0.38) / height,
                (wide - 0.3) / width,
                (tall - 0.68) / height,
            )
        )
        _scales(axes, both, floor, alpha)
        axes.tick_params(labelleft=column == 0)
        heading = f"placebo: {title}" if placebo.get(name) else title
        words = "\n".join(fold(heading, wide - 0.3, 8.5))
        axes.set_title(words, loc="left", fontsize=8.5)
        mine, means = (table[table["property"] == name] for table in (small, large))
        _draw_images(axes, mine, looks, placebo.get(name, False), len(small) > 600)
        _draw_means(axes, means, looks, placebo.get(name, False))
        if not len(mine) and not len(means):
            axes.text(0.5, 0.6, "no q", transform=axes.transAxes, ha="center", color="0.35")
        drawn.append((axes, means))
    if 1 < len(looks) <= _MOST_NAMES:
        for axes, means in drawn:
            # The strongest first; marks beyond the left end stand at it.
            means = means.sort_values(["q", "x"], ascending=[True, False], kind="stable")
            ends = np.column_stack([means["x"].clip(lower=_start(axes)), _height(means["q"])])
            write_names(axes, ends, list(means["model"]))
    effect = "effect: epgm, the total up and down over the property's range"
    figure.text(0.75 / width, (below + 0.06) / height, effect, fontsize=9, va="top")
    middle = 1 - (above + tall * rows / 2) / height
    words = "q, falling upwards (−log10)"
    figure.text(0.012, middle, words, rotation=90, va="center", fontsize=9)
    figure.text(0.02, 1 - 0.1 / height, "Effect and evidence", va="top", fontsize=11)
    for number, (line, colour) in enumerate(lines):
        high = 1 - (0.36 + 0.21 * number) / height
        figure.text(0.02, high, line, va="top", fontsize=8.5, color=colour)
    _legend(figure, small, large, looks, alpha, floor, (below - 0.24) / height)
    return figure


def _nothing() -> Figure:
    """Return what is drawn where no image was tested: words and no axes."""
    figure = new_figure(DOUBLE, 0.5)
    words = "No image was tested, so there is no evidence to draw."
    figure.text(0.02, 0.5, words, va="center", fontsize=9, color="0.35")
    return figure


def _height(q: npt.ArrayLike) -> Any:  # noqa: ANN401 - a number or an array, as given
    return -np.log10(np.clip(q, _TOP, 1))


def _left_edge(effects: pd.Series) -> float:
    """Return the smallest effect of a logarithmic axis, -inf for a linear one."""
    positive = effects[effects > 0]
    if positive.empty or effects.max() < _LOG_FROM * positive.min():
        return -np.inf
    return max(float(positive.min()), _LEFT * float(effects.max()))


def _start(axes: Axes) -> float:
    """Return the effect at which marks of smaller ones stand."""
    return float(axes.get_xlim()[0]) * 1.5 if axes.get_xscale() == "log" else -np.inf


def _scales(axes: Axes, both: pd.DataFrame, floor: float, alpha: float) -> None:
    """Set the scales, the same in all panels, and draw the lines of alpha and of the floor."""
    if both.empty:
        axes.set(xticks=[], yticks=[], ylim=(0, 1))
        return
    left, high = _left_edge(both["x"]), float(both["x"].max())
    if np.isfinite(left):
        axes.set_xscale("log")
        axes.set_xlim(left / 1.5, high * 1.8)
        decades = 10.0 ** np.arange(np.ceil(np.log10(left)), np.log10(high * 1.8))
        axes.set_xticks(decades, [f"{tick:g}" for tick in decades])
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(axis="x", which="minor", length=1.5)
        if (both["x"] < left).any():
            axes.axvline(left, color="0.85", lw=0.8, zorder=0)
            edge = axes.get_xaxis_transform()
            axes.text(left, 0.99, f" ≤ {left:.1g}", transform=edge, fontsize=7, va="top")
    else:
        low = min(float(both["x"].min()), 0.0)
        room = 0.06 * (high - low) or 0.05
        axes.set_xlim(low - room, high + room)
        axes.locator_params(axis="x", nbins=5)
    level, lowest = _height([alpha, floor])
    top = max(float(_height(both["q"]).max()), level, 0.0 if np.isnan(lowest) else lowest)
    axes.set_ylim(-0.09 * top, 1.12 * top)
    factors = (1, 0.5, 0.2) if top <= 2.2 else (1,)
    ticks = [factor / 10**power for power in range(7) for factor in factors]
    ticks = [tick for tick in ticks if tick >= _TOP and _height(tick) <= 1.12 * top]
    words = [f"{tick:g}" if tick >= 1e-3 else as_power(tick) for tick in ticks]
    if both["q"].min() < _TOP:
        words[-1] = "≤ " + words[-1]
    axes.set_yticks(_height(ticks), words)
    axes.axhline(level, color=RED, lw=1, ls=(0, (5, 2)), zorder=1, gid="level")
    if np.isfinite(lowest):
        axes.axhline(lowest, color="0.3", lw=1, ls=(0, (1, 2)), zorder=1, gid="level")


def _draw_images(axes: Axes, rows: pd.DataFrame, looks: Looks, hollow: bool, many: bool) -> None:
    left = _start(axes)
    size, strength = (2.5, 0.4) if many else (4.0, 0.65)
    for number, (model, look) in enumerate(looks.items()):
        for crossed in (False, True):
            here = rows[(rows["model"] == model) & (rows["crossed"] == crossed)]
            axes.plot(
                here["x"].clip(lower=left),
                _height(here["q"]),
                ls="",
                marker="x" if crossed else MARKERS[number % len(MARKERS)],
                color=look["color"],
                mfc="white" if hollow else look["color"],
                ms=size,
                mew=0.8,
                alpha=strength,
                zorder=2,
                gid="image",
            )


def _draw_means(axes: Axes, rows: pd.DataFrame, looks: Looks, hollow: bool) -> None:
    left = _start(axes)
    models = list(looks)
    for row in rows.to_dict("records"):
        colour, y = looks[row["model"]]["color"], _height(row["q"])
        x = max(row["x"], left)
        if np.isfinite([row["low"], row["high"]]).all():
            ends = np.maximum([row["low"], row["high"]], left)
            axes.plot(ends, [y, y], color=colour, lw=1.4, alpha=0.6, zorder=4)
        axes.plot(
            x,
            y,
            ls="",
            marker=MARKERS[models.index(row["model"]) % len(MARKERS)],
            ms=9,
            mfc="white" if hollow else colour,
            mec=colour if hollow else "white",
            mew=1.6 if hollow else 0.8,
            zorder=5,
            gid="mean",
        )
        if row["crossed"]:
            axes.plot(x, y, "x", color=_DARK, ms=8, mew=1.3, zorder=6, gid="crossed")


def _headlines(
    given: tuple[pd.DataFrame, pd.DataFrame],
    drawn: tuple[pd.DataFrame, pd.DataFrame],
    placebo: Mapping[str, bool],
    alpha: float,
    floor: float,
) -> list[tuple[str, str]]:
    """Return lines and their colours: what was found, what cannot be, and what is not drawn."""
    found = drawn[1][drawn[1]["q"] <= alpha]
    false = sum(placebo[name] for name in found["property"])
    total = len(drawn[1])
    words = f"{len(found)} of {total} means (property × model) reach q ≤ {alpha:g}"
    if any(placebo.values()) and len(found):
        words += f", {false or 'none'} of them of a placebo property"
    lines = [(words if total else "No mean has a q", RED if false else "0.2")]
    if floor > alpha:
        words = f"No single image can reach q ≤ {alpha:g}: there are too few placebo edits"
        lines.append((words, "0.2"))
    missing = [
        f"{len(table) - len(some)} of {len(table)} {what}"
        for table, some, what in zip(given, drawn, ("single images", "means"), strict=True)
        if len(some) < len(table)
    ]
    if missing:
        words = f"Not drawn, since untested or without effect: {', '.join(missing)}"
        lines.append((words, "0.45"))
    return lines


def _legend(
    figure: Figure,
    small: pd.DataFrame,
    large: pd.DataFrame,
    looks: Looks,
    alpha: float,
    floor: float,
    top: float,
) -> None:
    columns = 1 if len(looks) <= 8 else 2
    width = 0.38 * DOUBLE / columns - 0.45
    models = [
        Line2D([], [], ls="", marker=MARKERS[n % 8], ms=7, color=look["color"], label=label)
        for n, (model, look) in enumerate(looks.items())
        for label in [fit_name(str(model), width, 8)]
    ]
    keys: list[Line2D] = []
    if len(large):
        label = "large: mean over images, 95 % interval"
        keys.append(Line2D([], [], color="0.4", marker="o", ms=8, lw=1.4, label=label))
    if len(small):
        label = "small: one image, tested against its own placebos"
        keys.append(Line2D([], [], ls="", color="0.4", marker="o", ms=4, label=label))
    if small["crossed"].any() or large["crossed"].any():
        label = "×: edit flagged (large: of at least half the images)"
        keys.append(Line2D([], [], ls="", color=_DARK, marker="x", ms=6, label=label))
    keys.append(Line2D([], [], color=RED, lw=1, ls=(0, (5, 2)), label=f"q = {alpha:g}"))
    if np.isfinite(floor):
        label = f"smallest q a single image can reach: {floor:.2g}"
        keys.append(Line2D([], [], color="0.3", lw=1, ls=(0, (1, 2)), label=label))
    how: dict[str, Any] = {"loc": "upper left", "fontsize": 8, "borderaxespad": 0}
    figure.legend(handles=keys, bbox_to_anchor=(0.02, top), **how)
    figure.legend(handles=models, bbox_to_anchor=(0.6, top), ncols=columns, columnspacing=1, **how)
