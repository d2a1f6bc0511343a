"""How a small editor was examined: its criteria, its sweeps and its scores."""

import textwrap
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
    GREEN,
    MARKERS,
    PALE_BAND,
    PALE_RED,
    RED,
    limits_around,
    margins,
    model_looks,
    new_figure,
)
from zollstock.ranks import spearman


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
    columns = max(2, len(properties))
    width, height = 6.9 + 2.9 * columns, 6.9
    figure = new_figure(width, height)
    missed = [row for row in gate["criteria"] if not row["passed"]]
    total = len(gate["criteria"])
    verdict = (
        f"gate passed, all {total} criteria are met"
        if gate["passed"]
        else f"gate NOT passed, {len(missed)} of {total} criteria missed; "
        "the diffusion rows of this report are a demonstration"
    )
    figure.text(
        0.02,
        1 - 0.12 / height,
        f"Editor '{editor}': {verdict}",
        va="top",
        fontsize=11,
        weight="bold",
        color=GREEN if gate["passed"] else RED,
    )
    _criteria_table(figure.add_axes((0.02, 0.09, 6.1 / width, 0.83)), gate["criteria"])
    _gate_facts(figure, card, len({row["image"] for row in gate["images"]}))
    if not gate["images"]:
        return figure
    grid = figure.add_gridspec(
        2,
        columns,
        **margins(width, height, left=6.9, right=0.15, top=0.75, bottom=0.55),
        wspace=0.28,
        hspace=0.42,
    )
    ends = [[row[key] for row in gate["images"]] for key in ("measured", "exact", "other")]
    low, high = limits_around([np.concatenate(values) for values in ends], False)
    for column, prop in enumerate(properties):
        axes = figure.add_subplot(grid[0, column])
        mine = [row for row in gate["images"] if row["property"] == prop]
        failures = sum(row["name"].split(":")[0] == prop for row in missed)
        _sweep_panel(axes, mine)
        axes.set_ylim(low, high)
        axes.set_title(
            f"{prop}" + (f": {failures} missed" if failures else ""),
            loc="left",
            color=RED if failures else "0.1",
        )
        axes.set_xlabel("guidance")
        if column == 0:
            axes.set_ylabel("lightness")
    scatter = figure.add_subplot(grid[1, 0])
    scored = [model for model in looks if model in gate_models(gate)]
    _gate_scatter(scatter, gate["images"], scored, looks, properties)
    _gate_legend(figure.add_subplot(grid[1, 1]), scored, looks, properties)
    return figure


def _criteria_table(axes: Axes, criteria: Sequence[Mapping[str, Any]]) -> None:
    """Write a row per criterion: its name, what was found, what was asked for, met or missed."""
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(criteria), -1))
    places = {"criterion": (0.01, "left"), "found": (0.75, "right"), "asked for": (0.88, "right")}
    for word, (x, side) in places.items():
        axes.text(x, -0.4, word, ha=side, va="center", fontsize=8, color="0.35")
    axes.axhline(0, color="0.6", lw=0.8)
    for line, row in enumerate(criteria):
        if not row["passed"]:
            axes.axhspan(line, line + 1, color=PALE_RED, lw=0, zorder=0)
        axes.axhline(line + 1, color="0.88", lw=0.6)
        y = line + 0.5
        colour = GREEN if row["passed"] else RED
        value = row["value"]
        found = f"{value:.3f}" if value is not None and np.isfinite(value) else "–"
        axes.text(0.01, y, textwrap.fill(row["name"], 58), va="center", fontsize=8.5)
        axes.text(0.75, y, found, ha="right", va="center", weight="bold", color=colour)
        bar = f"{'≥' if row['at_least'] else '≤'} {row['bar']:.2f}"
        axes.text(0.88, y, bar, ha="right", va="center", color="0.35")
        word = "met" if row["passed"] else "MISSED"
        axes.text(0.9, y, word, va="center", fontsize=8, weight="bold", color=colour)


def _gate_facts(figure: Figure, card: Mapping[str, Any], images: int) -> None:
    use = card.get("use", {})
    parameters = sum(card.get("parameters", {}).values())
    facts = [
        f"{images} held-out images",
        f"{parameters / 1e6:.1f} million parameters" if parameters else "",
        "{}×{} pixels".format(*use["size"]) if "size" in use else "",
        f"guidance up to {use['stop']:g}" if "stop" in use else "",
        f"{use['denoising_steps']} denoising steps" if "denoising_steps" in use else "",
    ]
    figure.text(0.02, 0.03, ", ".join(filter(None, facts)), fontsize=8, color="0.35")


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
    axes.set(xlabel="score, exact intervention", ylabel="score, editor")
    axes.set_title(f"scores: Spearman {rank:.2f}" if np.isfinite(rank) else "scores", loc="left")


def _gate_legend(
    axes: Axes,
    models: Sequence[str],
    looks: Mapping[str, Mapping[str, Any]],
    properties: Sequence[str],
) -> None:
    axes.set_axis_off()
    handles: list[Any] = [
        Line2D([], [], color="#08519c", lw=0.8, label="lightness of the property, per image"),
        Line2D([], [], color="0.05", lw=1.8, label="the least monotone image"),
        Line2D([], [], color="0.7", ls="--", lw=0.8, label="lightness of the rest, should stay"),
        Patch(color=BAND, label="exact range, every image"),
        Patch(color=PALE_BAND, label="exact range, some image"),
        *(
            Line2D([], [], ls="", marker="s", color=looks[model]["color"], label=model)
            for model in models
        ),
        *(
            Line2D([], [], ls="", marker=MARKERS[place % 8], color="0.3", ms=5, label=prop)
            for place, prop in enumerate(properties)
        ),
        Line2D([], [], color="0.7", lw=1, label="equal scores"),
    ]
    axes.legend(handles=handles, loc="center left", fontsize=8, borderaxespad=0)
