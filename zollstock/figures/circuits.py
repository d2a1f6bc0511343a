"""Layered graphs: units as discs, a column a layer, and what goes from one to the next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from zollstock.figures.style import DOUBLE, fit_name, fold, new_figure
from zollstock.wording import counted

FOR, AGAINST = "#2a6fbb", "#c8641e"
"""Carries the effect; works against it."""
PALE = "0.8"
MOST_LAYERS, MOST_UNITS, MOST_EDGES = 12, 32, 40
_SMALL = 7.0


@dataclass(frozen=True)
class Node:
    """A unit: its layer, its number, its weight in the picture, and whether it passed a test."""

    layer: str
    unit: int
    share: float
    passed: bool = True


@dataclass(frozen=True)
class Layered:
    """What is drawn.

    Attributes
    ----------
    title, note
        Above and below.
    layers
        Names of the layers, in the order of the network, → units of each.
    nodes
        The units.
    edges
        ((layer, unit), (layer, unit), share).
    answer
        A layer that is shown whatever it carries.
    """

    title: str
    note: str
    layers: Mapping[str, int]
    nodes: Sequence[Node]
    edges: Sequence[tuple[tuple[str, int], tuple[str, int], float]] = field(default=())
    answer: str = ""


def draw_circuits(
    units: pd.DataFrame,
    edges: pd.DataFrame,
    layers: pd.DataFrame,
    titles: Mapping[str, str],
    alpha: float,
) -> Iterator[tuple[str, Figure]]:
    """Draw the circuit of every property in every model, a page each.

    Parameters
    ----------
    units, edges, layers
        Tables of the stage `trace`.
    titles
        Property → its name in figures.
    alpha
        Units whose q is at most this are drawn full.
    """
    for (prop, model), mine in units.groupby(["property", "model"], sort=False):
        there = layers[layers["model"] == model].sort_values("place")
        names = _places(dict(zip(there["layer"], map(int, there["units"]), strict=True)), mine)
        passed = mine["q"].fillna(1).to_numpy() <= alpha
        shown = mine[passed] if passed.any() else mine
        nodes = [
            Node(row.layer, int(row.unit), float(row.share), bool(passed.any()))
            for row in shown.itertuples()
            if np.isfinite(row.share)
        ]
        count = int(mine["n"].iloc[0])
        if passed.any():
            over = counted(count, "image")
            note = f"{int(passed.sum())} of {len(mine)} units pass the test over {over}, "
            note += "which asks who takes part in the change, not whether there is an effect."
        else:
            why = f"No unit passes the test over {count} images" if count > 1 else "One image alone"
            note = f"{why}: hollow are the largest shares."
            nodes = sorted(nodes, key=lambda node: -abs(node.share))[:24]
        kept = edges[(edges["property"] == prop) & (edges["model"] == model)]
        yield (
            f"{prop}-{model}",
            draw_layered(
                Layered(
                    f"{titles.get(str(prop), str(prop))}: what carries it in {model}",
                    note,
                    names,
                    nodes,
                    _between(kept),
                )
            ),
        )


def _places(layers: Mapping[str, int], units: pd.DataFrame) -> dict[str, int]:
    """Return layers and other places that have units, in the order of the network, → units.

    What a layer receives, such as heads, is called after it and stands before it; places that are
    no layer's stand behind all.
    """
    others = {str(name): len(mine) for name, mine in units.groupby("layer", sort=False)}
    found: dict[str, int] = {}
    for name, count in layers.items():
        found |= {key: others[key] for key in others if key.startswith(f"{name} (")}
        found[name] = count
    return found | {name: count for name, count in others.items() if name not in found}


def _between(
    edges: pd.DataFrame,
) -> list[tuple[tuple[str, int], tuple[str, int], float]]:
    """Return edges, one from each layer of a sum: what it brings is one value."""
    return [
        ((source, int(row.parent)), (str(row.layer), int(row.unit)), float(row.share))
        for row in edges.itertuples()
        for source in str(row.parents).split(" + ")
    ]


def draw_layered(graph: Layered) -> Figure:
    """Draw a layered graph: discs as large as shares, lines as wide as what goes along them."""
    total: dict[str, float] = {}
    for node in graph.nodes:
        total[node.layer] = total.get(node.layer, 0) + abs(node.share)
    there = [name for name in graph.layers if name in total]
    ordered = sorted(there, key=lambda name: (name != graph.answer, -total[name]))
    chosen = set(ordered[:MOST_LAYERS])
    columns = [name for name in there if name in chosen]
    note = graph.note
    if len(columns) < len(there):
        note += f" Of {len(there)} layers with such units the {MOST_LAYERS} that carry most."
    by_layer = {name: _largest(graph.nodes, name) for name in columns}
    tallest = max((len(mine) for mine in by_layer.values()), default=1)
    if any(sum(n.layer == name for n in graph.nodes) > MOST_UNITS for name in columns):
        note += f" At most {MOST_UNITS} units a layer."
    body = min(0.6 + 0.15 * tallest, 5.2)
    words = fold(note, DOUBLE - 0.2, _SMALL, lines=3)
    title = fold(graph.title, DOUBLE - 0.2, 9, lines=2)
    top, below = 0.15 + 0.17 * len(title), 0.75 + 0.13 * len(words)
    height = top + body + below
    figure = new_figure(DOUBLE, height)
    for line, text in enumerate(title):
        figure.text(0.1 / DOUBLE, 1 - (0.15 + 0.17 * line) / height, text, fontsize=9, va="center")
    axes = figure.add_axes((0.02, below / height, 0.96, body / height))
    axes.set_axis_off()
    _columns(axes, columns, by_layer, graph)
    _legend(figure, height, below, graph)
    for line, text in enumerate(words):
        y = (0.1 + 0.13 * (len(words) - 1 - line)) / height
        figure.text(0.1 / DOUBLE, y, text, fontsize=_SMALL)
    return figure


def _largest(nodes: Sequence[Node], layer: str) -> list[Node]:
    """Return a layer's units with the largest shares, by their numbers."""
    mine = sorted((n for n in nodes if n.layer == layer), key=lambda node: -abs(node.share))
    return sorted(mine[:MOST_UNITS], key=lambda node: node.unit)


def _columns(
    axes: Axes, columns: Sequence[str], by_layer: Mapping[str, list[Node]], graph: Layered
) -> None:
    places: dict[tuple[str, int], tuple[float, float]] = {}
    wide = 0.96 * DOUBLE / max(len(columns), 1)
    most = max((abs(n.share) for mine in by_layer.values() for n in mine), default=1.0) or 1.0
    for x, name in enumerate(columns):
        mine = by_layer[name]
        heights = [(place + 0.5) / max(len(mine), 1) for place in range(len(mine))]
        places |= {(name, n.unit): (x + 0.5, y) for n, y in zip(mine, heights, strict=True)}
        colours = [FOR if node.share >= 0 else AGAINST for node in mine]
        axes.scatter(
            [x + 0.5] * len(mine),
            heights,
            s=[8 + 110 * abs(node.share) / most for node in mine],
            facecolor=[c if n.passed else "white" for n, c in zip(mine, colours, strict=True)],
            edgecolor=colours,
            linewidth=0.8,
            zorder=3,
        )
        for node, y in zip(mine, heights, strict=True):
            if len(mine) <= 12:
                axes.annotate(
                    str(node.unit),
                    (x + 0.5, y),
                    xytext=(7, 0),
                    textcoords="offset points",
                    fontsize=_SMALL,
                    va="center",
                    zorder=4,
                )
        label = fit_name(name, wide - 0.06, _SMALL)
        axes.text(x + 0.5, 1.03, label, ha="center", va="bottom", fontsize=_SMALL)
        axes.text(
            x + 0.5,
            -0.03,
            f"{len(mine)} of {graph.layers[name]}",
            ha="center",
            va="top",
            fontsize=_SMALL,
            color="0.4",
        )
    axes.set(xlim=(0, max(len(columns), 1)), ylim=(-0.08, 1.1))
    _lines(axes, places, graph)


def _lines(
    axes: Axes, places: Mapping[tuple[str, int], tuple[float, float]], graph: Layered
) -> None:
    between: dict[tuple[str, str], list[tuple[tuple[str, int], tuple[str, int], float]]] = {}
    for edge in graph.edges:
        if edge[0] in places and edge[1] in places:
            between.setdefault((edge[0][0], edge[1][0]), []).append(edge)
    # The largest from each layer to each other one: else one layer's hide all others.
    known = [
        edge
        for edges in between.values()
        for edge in sorted(edges, key=lambda edge: -abs(edge[2]))[:MOST_EDGES]
    ]
    most = max((abs(edge[2]) for edge in known), default=1.0) or 1.0
    axes.add_collection(
        LineCollection(
            [[places[source], places[target]] for source, target, _ in known],
            colors=[FOR if share >= 0 else AGAINST for *_, share in known],
            linewidths=[0.25 + 2.0 * abs(share) / most for *_, share in known],
            alpha=0.4,
            zorder=1,
        )
    )


def _legend(figure: Figure, height: float, below: float, graph: Layered) -> None:
    y = (below - 0.28) / height
    text = (
        "Discs and lines are as large as their part of the effect; from each layer to each other "
        f"one at most {MOST_EDGES} lines."
    )
    figure.text(0.1 / DOUBLE, y, text, fontsize=_SMALL)
    y -= 0.16 / height
    figure.text(0.1 / DOUBLE, y, "● for it", fontsize=_SMALL, color=FOR)
    figure.text(0.8 / DOUBLE, y, "● against it", fontsize=_SMALL, color=AGAINST)
