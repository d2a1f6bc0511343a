"""How a small editor was examined: its criteria, its sweeps and its scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zollstock.figures.style import (
    BAND,
    DOUBLE,
    GREEN,
    MARKERS,
    PALE_BAND,
    PALE_RED,
    RED,
    cut_name,
    fit_name,
    fold,
    limits_around,
    model_looks,
    new_figure,
)
from zollstock.ranks import spearman

_SWEEP, _ACROSS = 2.25, 3
"""Inches of a row of sweeps, and how many sweeps it has at most."""


def gate_models(gate: Mapping[str, Any]) -> list[str]:
    """Return the models a gate has scored, in alphabetical order."""
    known = {key for row in gate["images"] for key in row if key.startswith("score_")}
    return sorted(key.removeprefix("score_") for key in known)


def draw_gate(
    gate: Mapping[str, Any],
    card: Mapping[str, Any],
    *,
    editor: str,
    models: Sequence[str],
    palette: str,
) -> Figure:
    """Draw how a small editor was examined: its criteria, its sweeps, and its scores.

    Parameters
    ----------
    gate
        Of `zollstock.editors.gate.Gate.as_dict`.
    card
        The editor's card.
    editor
        Its name.
    models
        The study's models, which have the same colours as in its other figures.
    palette
        Name of the colours.
    """
    # The gate's own models follow those of the study.
    looks = model_looks(list(dict.fromkeys([*models, *gate_models(gate)])), palette)
    properties = list(dict.fromkeys(row["property"] for row in gate["images"]))
    scored = [model for model in looks if model in gate_models(gate)]
    missed = [row for row in gate["criteria"] if not row["passed"]]
    heading = _heading(editor, gate, missed)
    names = [fold(row["name"], 0.68 * (DOUBLE - 0.3), 8, lines=3) for row in gate["criteria"]]
    table = 0.3 + sum(_row(lines) for lines in names)
    across = min(max(2, len(properties)), _ACROSS)
    sweeps = -(-len(properties) // across)
    keys = _legend(scored, looks, properties)
    last = max(2.75, 0.17 * len(keys) + 0.3)
    above = 0.15 + 0.19 * len(heading)
    first = above + table + 0.35  # where panels begin
    height = first + (_SWEEP * sweeps + last if gate["images"] else 0)
    figure = new_figure(DOUBLE, height)
    how: dict[str, Any] = {"va": "top", "fontsize": 10, "weight": "bold"}
    colour = GREEN if gate["passed"] else RED
    figure.text(0.02, 1 - 0.08 / height, "\n".join(heading), color=colour, **how)
    place = (0.02, 1 - (above + table) / height, 0.96, table / height)
    _criteria_table(figure.add_axes(place), gate["criteria"], names, table)
    facts = _facts(card, len({row["image"] for row in gate["images"]}))
    figure.text(0.02, 1 - (above + table + 0.2) / height, facts, fontsize=8, color="0.35")
    if not gate["images"]:
        return figure
    wide = (DOUBLE - 0.1) / across
    ends = [[row[key] for row in gate["images"]] for key in ("measured", "exact", "other")]
    limits = limits_around([np.concatenate(values) for values in ends], False)
    for number, prop in enumerate(properties):
        row, column = divmod(number, across)
        at = (wide * column + 0.6, height - first - _SWEEP * (row + 1) + 0.5)
        axes = _placed(figure, (*at, wide - 0.75, _SWEEP - 0.8))
        mine = [found for found in gate["images"] if found["property"] == prop]
        failures = sum(row["name"].split(":")[0] == prop for row in missed)
        _sweep_panel(axes, mine)
        axes.set_ylim(*limits)
        words = f"{prop}" + (f": {failures} missed" if failures else "")
        _title(axes, words, wide - 0.65, color=RED if failures else "0.1")
        axes.set_xlabel("guidance", fontsize=8)
        if column == 0:
            axes.set_ylabel("lightness", fontsize=8)
    scatter = _placed(figure, (0.55, 0.45, 2.6, last - 0.8))
    _gate_scatter(scatter, gate["images"], scored, looks, properties)
    legend = _placed(figure, (3.5, 0.1, DOUBLE - 3.6, last - 0.2))
    legend.set_axis_off()
    legend.legend(handles=keys, loc="center left", fontsize=8, borderaxespad=0)
    return figure


def _heading(
    editor: str, gate: Mapping[str, Any], missed: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return what the gate found, in lines."""
    total = len(gate["criteria"])
    parts = [f"Editor '{cut_name(editor)}': gate passed, all {total} criteria are met"]
    if not gate["passed"]:
        found = f"gate NOT passed, {len(missed)} of {total} criteria missed;"
        parts = [f"Editor '{cut_name(editor)}': {found}"]
        parts.append("the diffusion rows of this report are a demonstration")
    # Bold letters are wider.
    return [line for part in parts for line in fold(part, (DOUBLE - 0.3) / 1.15, 10)]


def _placed(figure: Figure, inches: tuple[float, float, float, float]) -> Axes:
    """Return axes whose left, bottom, width and height are given in inches."""
    width, height = figure.get_size_inches()
    left, bottom, wide, high = inches
    return figure.add_axes((left / width, bottom / height, wide / width, high / height))


def _title(axes: Axes, words: str, width: float, **how: Any) -> None:  # noqa: ANN401
    axes.set_title(fold(words, width, 9, lines=1)[0], loc="left", fontsize=9, **how)
    axes.tick_params(labelsize=7.5)


def _row(lines: Sequence[str]) -> float:
    """Return the height of a row of the table in inches."""
    return 0.1 + 0.135 * len(lines)


def _criteria_table(
    axes: Axes,
    criteria: Sequence[Mapping[str, Any]],
    names: Sequence[Sequence[str]],
    height: float,
) -> None:
    """Write a row per criterion: its name, what was found, what was asked for, met or missed."""
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(height, 0))  # inches downwards
    places = {"criterion": (0.01, "left"), "found": (0.78, "right"), "asked for": (0.9, "right")}
    for word, (x, side) in places.items():
        axes.text(x, 0.15, word, ha=side, va="center", fontsize=8, color="0.35")
    y = 0.3
    axes.axhline(y, color="0.6", lw=0.8)
    for row, lines in zip(criteria, names, strict=True):
        below = y + _row(lines)
        if not row["passed"]:
            axes.axhspan(y, below, color=PALE_RED, lw=0, zorder=0)
        axes.axhline(below, color="0.88", lw=0.6)
        middle, y = (y + below) / 2, below
        colour = GREEN if row["passed"] else RED
        value = row["value"]
        found = f"{value:.3f}" if value is not None and np.isfinite(value) else "–"
        how: dict[str, Any] = {"va": "center", "fontsize": 8}
        axes.text(0.01, middle, "\n".join(lines), **how)
        axes.text(0.78, middle, found, ha="right", weight="bold", color=colour, **how)
        bar = f"{'≥' if row['at_least'] else '≤'} {row['bar']:.2f}"
        axes.text(0.9, middle, bar, ha="right", color="0.35", **how)
        word = "met" if row["passed"] else "MISSED"
        axes.text(0.915, middle, word, weight="bold", color=colour, **how)


def _facts(card: Mapping[str, Any], images: int) -> str:
    use = card.get("use", {})
    parameters = sum(card.get("parameters", {}).values())
    facts = [
        f"{images} held-out images",
        f"{parameters / 1e6:.1f} million parameters" if parameters else "",
        "{}×{} pixels".format(*use["size"]) if "size" in use else "",
        f"guidance up to {use['stop']:g}" if "stop" in use else "",
        f"{use['denoising_steps']} denoising steps" if "denoising_steps" in use else "",
    ]
    return ", ".join(filter(None, facts))


def _sweep_panel(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw all sweeps of one property; the least monotone one is thick."""
    lows = [min(row["exact"]) for row in rows]
    highs = [max(row["exact"]) for row in rows]
    axes.axhspan(min(lows), max(highs), color=PALE_BAND, lw=0, zorder=0)
    if max(lows) < min(highs):
        axes.axhspan(max(lows), min(highs), color=BAND, lw=0, zorder=0)
    for row in rows:
        axes.plot(row["axis"], row["other"], color="0.7", ls="--", lw=0.6)
    for row in rows:
        axes.plot(row["axis"], row["measured"], color="#08519c", lw=0.8, alpha=0.8)
    worst = min(rows, key=lambda row: np.nan_to_num(row["spearman"], nan=-2))
    axes.plot(worst["axis"], worst["measured"], color="0.05", lw=1.8)
    axes.margins(x=0)


def _gate_scatter(
    axes: Axes,
    rows: Sequence[Mapping[str, Any]],
    models: Sequence[str],
    looks: Mapping[str, Mapping[str, Any]],
    properties: Sequence[str],
) -> None:
    pairs = [
        (row[f"exact_{model}"], row[f"score_{model}"], model, row["property"])
        for row in rows
        for model in models
    ]
    ends: npt.NDArray[np.float64] = np.array([pair[:2] for pair in pairs], dtype=float)
    finite = np.isfinite(ends).all(axis=1)
    high = float(ends[finite].max(initial=0)) * 1.05 or 1.0
    axes.plot([0, high], [0, high], color="0.7", lw=1, zorder=0)
    for model in models:
        for place, prop in enumerate(properties):
            here = ends[[pair[2:] == (model, prop) for pair in pairs]]
            axes.plot(
                *here.T,
                ls="",
                marker=MARKERS[place % 8],
                color=looks[model]["color"],
                ms=4,
                alpha=0.7,
                mew=0,
            )
    rank = spearman(*ends[finite].T)
    axes.set(xlim=(-0.03 * high, high), ylim=(-0.03 * high, high))
    axes.set_aspect("equal")
    axes.set_xlabel("score, exact intervention", fontsize=8)
    axes.set_ylabel("score, editor", fontsize=8)
    _title(axes, f"scores: Spearman {rank:.2f}" if np.isfinite(rank) else "scores", 2.6)


def _legend(
    models: Sequence[str], looks: Mapping[str, Mapping[str, Any]], properties: Sequence[str]
) -> list[Any]:
    named = {name: fit_name(str(name), DOUBLE - 4.2, 8) for name in (*models, *properties)}
    return [
        Line2D([], [], color="#08519c", lw=0.8, label="lightness of the property, per image"),
        Line2D([], [], color="0.05", lw=1.8, label="the least monotone image"),
        Line2D([], [], color="0.7", ls="--", lw=0.8, label="lightness of the rest, should stay"),
        Patch(color=BAND, label="exact range, every image"),
        Patch(color=PALE_BAND, label="exact range, some image"),
        *(
            Line2D([], [], ls="", marker="s", color=looks[model]["color"], label=named[model])
            for model in models
        ),
        *(
            Line2D([], [], ls="", marker=MARKERS[place % 8], color="0.3", ms=5, label=named[prop])
            for place, prop in enumerate(properties)
        ),
        Line2D([], [], color="0.7", lw=1, label="equal scores"),
    ]
