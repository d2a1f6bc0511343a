"""What holding units does to a property's score, and what causal graphs of classes are worth."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.figures.circuits import AGAINST, FOR, Layered, Node, draw_layered
from zollstock.figures.style import (
    DOUBLE,
    MARKERS,
    fit_name,
    fold,
    new_figure,
    width_of,
    write_note,
)
from zollstock.trace.structure import Graph
from zollstock.wording import counted, two_digits

_SMALL = 7.5
_GREY = "0.55"
_COLOURS = ("#2a6fbb", "#c8641e", "#3a8f5c", "#7d4ba0", "#8a8a1f", "#b04a6a")


def draw_mediation(
    mediation: pd.DataFrame, titles: Mapping[str, str]
) -> Iterator[tuple[str, Figure]]:
    """Draw what is removed and kept over the size of the set, a page a property.

    Parameters
    ----------
    mediation
        Table of the stage `trace`.
    titles
        Property → its name in figures.
    """
    for prop, mine in mediation.groupby("property", sort=False):
        yield str(prop), _mediated(mine, titles.get(str(prop), str(prop)))


def _mediated(table: pd.DataFrame, title: str) -> Figure:
    models = list(dict.fromkeys(table["model"]))
    line, top, below = 1.55, 0.5, 0.95
    height = top + line * len(models) + below
    figure = new_figure(DOUBLE, height)
    for number, text in enumerate(fold(title, DOUBLE - 0.2, 9.5, lines=1)):
        figure.text(0.1 / DOUBLE, 1 - (0.18 + 0.16 * number) / height, text, fontsize=9.5)
    what = str(table["of"].iloc[0])
    for row, model in enumerate(models):
        mine = table[table["model"] == model].sort_values("size")
        bottom = below + line * (len(models) - 1 - row) + 0.3
        for column, (value, low, high, null) in enumerate(
            (
                ("removed", "low", "high", "random"),
                ("kept", "kept_low", "kept_high", "random_kept"),
            )
        ):
            axes = figure.add_axes(
                ((0.55 + 3.3 * column) / DOUBLE, bottom / height, 2.85 / DOUBLE, 1.0 / height)
            )
            _curve(axes, mine, value, low, high, null)
            if row == 0:
                words = ("removed if they are held at the start", "left if they alone move")[column]
                axes.text(
                    0, 1.3, f"share of the score {words}", transform=axes.transAxes, fontsize=_SMALL
                )
            if column == 0:
                score = two_digits(float(mine["whole"].iloc[0]))
                name = fit_name(f"{model}: score {score}", 2.8, _SMALL)
                axes.text(0, 1.08, name, transform=axes.transAxes, fontsize=_SMALL, weight="bold")
            if row == len(models) - 1:
                axes.set_xlabel(f"share of all {what}", fontsize=_SMALL)
    _explain(figure, table)
    return figure


def _curve(axes: Axes, table: pd.DataFrame, value: str, low: str, high: str, null: str) -> None:
    x = table["size"].to_numpy(float)
    axes.axhline(0, color="0.85", lw=0.8)
    axes.axhline(1, color="0.85", lw=0.8)
    axes.fill_between(x, table[f"{null}_low"], table[f"{null}_high"], color="0.88", lw=0, zorder=1)
    axes.plot(x, table[f"{null}_mean"], color=_GREY, lw=1, ls="--", zorder=2)
    axes.fill_between(x, table[low], table[high], color=FOR, alpha=0.18, lw=0, zorder=2)
    axes.plot(x, table[value], color=FOR, lw=1.3, marker="o", ms=3, zorder=3)
    axes.set_xscale("log")
    ticks = [one for one in (0.001, 0.01, 0.1, 1.0) if x.min() <= one <= x.max()] or [x.min()]
    axes.set_xticks(ticks, [f"{100 * one:g} %" for one in ticks], fontsize=_SMALL)
    axes.minorticks_off()
    # A set that makes the score grow is worth seeing; one that makes it explode would hide all.
    axes.set_ylim(-0.55, 1.15)
    axes.set_yticks([0, 0.5, 1], ["0", "½", "1"], fontsize=_SMALL)


def _explain(figure: Figure, table: pd.DataFrame) -> None:
    one = table.iloc[0]
    images = (
        f"found on {int(one['found_on'])} images and judged on {int(one['images'])} others"
        if bool(one["held_out"])
        else f"found and judged on the same {counted(int(one['images']), 'image')}, "
        "so they look too good"
    )
    note = (
        f"Sets ranked by {one['method']}, {images}; band: 95 % interval over images. Grey: random "
        "sets of the same size, their mean and 95 % of them. Where holding them removes the score "
        "and they alone bring none of it back, others are needed too. What leaves a panel is cut "
        "off."
    )
    write_note(figure, note, 0.52, lines=4)


def draw_class_graphs(
    class_graphs: Sequence[tuple[str, str, Graph, Mapping[str, int]]],
) -> Iterator[tuple[str, Figure]]:
    """Draw the causal graph of every class in every model, a page each.

    Parameters
    ----------
    class_graphs
        Model, class, graph, and the units of each layer by its name, in the order of the network.
    """
    for model, name, graph, layers in class_graphs:
        first, rest = graph.nodes[0], graph.nodes[1:]
        nodes = [Node(node.layer, node.unit, node.share) for node in rest]
        nodes.append(Node(first.layer, first.unit, max((abs(n.share) for n in rest), default=1.0)))
        edges = [
            (
                (graph.nodes[parent].layer, graph.nodes[parent].unit),
                (graph.nodes[child].layer, graph.nodes[child].unit),
                graph.nodes[parent].share,
            )
            for parent, child in graph.edges
        ]
        note = (
            f"{counted(len(rest), 'unit')} whose weights hold the logit of '{name}' up or down; "
            "lines are as wide as the unit's effect along all of them."
        )
        title = f"what the logit of '{name}' hangs on in {model}"
        yield (
            f"{model}-{first.unit}",
            draw_layered(Layered(title, note, layers, nodes, edges, first.layer)),
        )


def draw_worth(graphs: pd.DataFrame) -> Figure:
    """Draw how many images stay of their class with a graph alone, and with all but the graph.

    Parameters
    ----------
    graphs
        Table of the stage `trace`.
    """
    rows = list(graphs.to_dict("records"))
    names = [
        f"{fit_name(str(row['model']), 1.2, _SMALL)}: {fit_name(str(row['class']), 0.9, _SMALL)}, "
        f"{int(row['nodes'])} of {int(row['units'])}"
        for row in rows
    ]
    before = max((width_of(name, _SMALL) for name in names), default=1.0) + 0.2
    line, top, below = 0.2, 0.45, 0.75
    height = top + line * max(len(rows), 1) + below
    wide = (DOUBLE - before - 0.35) / 2
    figure = new_figure(DOUBLE, height)
    for column, (key, title) in enumerate(
        (("keep", "the graph's units alone"), ("remove", "all but the graph's units"))
    ):
        left = before + column * (wide + 0.2)
        axes = figure.add_axes(
            (left / DOUBLE, below / height, wide / DOUBLE, line * max(len(rows), 1) / height)
        )
        for place, row in enumerate(rows):
            axes.plot(
                [row[f"random_{key}"], row[key]], [place, place], color="0.85", lw=1, zorder=1
            )
            axes.plot([row[f"random_{key}"]], [place], "|", color=_GREY, ms=7, mew=1.4)
            axes.plot([row[key]], [place], "o", color=FOR if key == "keep" else AGAINST, ms=4)
        axes.set_yticks(range(len(rows)), names if column == 0 else [""] * len(rows))
        axes.tick_params(axis="both", labelsize=_SMALL)
        axes.tick_params(axis="y", length=0)
        axes.set(xlim=(-0.03, 1.03), ylim=(max(len(rows), 1) - 0.5, -0.5))
        axes.set_title(title, fontsize=8.5, loc="left")
        axes.set_xlabel("share of images still of the class", fontsize=_SMALL)
    note = "Discs: the graph; bars: the mean of random graphs with as many units in each layer."
    if not graphs["held_out"].all():
        note += " Where images are too few, the same ones found and judged it."
    write_note(figure, note, 0.2, lines=2)
    return figure


def draw_stability(stability: pd.DataFrame) -> Figure:
    """Draw whether graphs are found again: over noise in the weights, and over images.

    Parameters
    ----------
    stability
        Table of the stage `trace`.
    """
    pairs = list(dict.fromkeys(zip(stability["model"], stability["class"], strict=True)))
    rows = max(1, -(-len(pairs) // 2))
    line = 1.8
    height = 0.35 + line + 0.7 + 0.17 * rows
    figure = new_figure(DOUBLE, height)
    bottom = height - 0.35 - line
    panels = (
        ("appearance", "appearance of units selected at least once"),
        ("jaccard", "agreement of two repeats (Jaccard)"),
    )
    for column, (key, title) in enumerate(panels):
        axes = figure.add_axes(
            ((0.5 + 3.35 * column) / DOUBLE, bottom / height, 2.8 / DOUBLE, line / height)
        )
        for place, (model, name) in enumerate(pairs):
            mine = stability[(stability["model"] == model) & (stability["class"] == name)]
            _stable(axes, mine, key, place)
        axes.set_title(title, fontsize=8.5, loc="left")
        axes.set(ylim=(-0.03, 1.05))
        axes.tick_params(axis="both", labelsize=_SMALL)
        axes.set_xlabel("strength of the noise; left: other images", fontsize=_SMALL)
    for place, (model, name) in enumerate(pairs):
        x = (0.3 + 3.35 * (place % 2)) / DOUBLE
        y = (bottom - 0.6 - 0.17 * (place // 2)) / height
        colour = _COLOURS[place % len(_COLOURS)]
        mark = MARKERS[place % len(MARKERS)]
        figure.add_artist(Line2D([x], [y + 0.03 / height], color=colour, marker=mark, ms=4))
        words = fit_name(f"{model}: {name}", 2.9, _SMALL)
        figure.text(x + 0.12 / DOUBLE, y, words, fontsize=_SMALL)
    return figure


def _stable(axes: Axes, table: pd.DataFrame, key: str, place: int) -> None:
    colour, mark = _COLOURS[place % len(_COLOURS)], MARKERS[place % len(MARKERS)]

    def of(rows: pd.DataFrame) -> float:
        weights = rows["selected"].to_numpy(float) if key == "appearance" else None
        values = rows[key].to_numpy(float)
        known = np.isfinite(values)
        if not known.any():
            return float("nan")
        if weights is None:
            return float(values[known].mean())
        return float(np.average(values[known], weights=weights[known]))

    noise = table[table["kind"] == "noise"]
    groups = [(strength, of(rows)) for strength, rows in noise.groupby("strength")]
    if groups:
        axes.plot(*zip(*groups, strict=True), color=colour, lw=1.1, marker=mark, ms=3.5)
    images = table[table["kind"] == "images"]
    widest = max((strength for strength, _ in groups), default=1.0) or 1.0
    if len(images):
        axes.plot([-0.06 * widest], [of(images)], color=colour, marker=mark, ms=4.5, mfc="white")
