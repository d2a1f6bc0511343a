"""What the edges of causal graphs do beside those of random graphs, as a table.

`zollstock.trace.classes` keeps and removes units; here it is weights, as in ExplaiNN. All images
are classified right by the whole network, since only such judge a graph.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from zollstock.trace.graph_effect import graph_edges, graph_effect
from zollstock.trace.graph_maps import random_graph
from zollstock.trace.layers import Wiring
from zollstock.trace.network import Network
from zollstock.trace.structure import Graph


@dataclass(frozen=True)
class Found:
    """The graph of a class, and the images that judge it.

    Attributes
    ----------
    index, name
        Of the class.
    graph
        Its graph.
    judged_on
        A network's inputs, (M, …).
    """

    index: int
    name: str
    graph: Graph
    judged_on: torch.Tensor


def effect_table(
    network: Network, wiring: Wiring, found: Sequence[Found], *seed: object, draws: int
) -> pd.DataFrame:
    """Return the accuracies with nothing but graphs, and without them.

    Parameters
    ----------
    network, wiring
        What the graphs are of; the network must know its logits.
    found
        The classes' graphs; those without edges are left out.
    *seed
        Names the random graphs.
    draws
        How many random graphs of the same size are drawn beside each.

    Returns
    -------
    DataFrame
        A row a class, and, if there are several, a first one without a name for all classes at
        once, with the edges of all their graphs: class, images, edges, whole, kept, removed,
        random_kept and random_removed (means over draws), shares of images that are classified
        right. See `zollstock.trace.graph_effect`.
    """
    able = [one for one in found if one.graph.edges]
    drawn = {
        one.index: [random_graph(one.graph, wiring, *seed, one.name, draw) for draw in range(draws)]
        for one in able
    }
    groups = [("", able)] if len(able) > 1 else []
    groups += [(one.name, [one]) for one in able]
    rows = []
    for name, several in groups:
        random = [[drawn[one.index][draw] for one in several] for draw in range(draws)]
        rows.append({"class": name} | _effects(network, wiring, several, random))
    return pd.DataFrame(rows)


def _effects(
    network: Network,
    wiring: Wiring,
    several: Sequence[Found],
    random: Sequence[Sequence[Graph]],
) -> dict[str, Any]:
    images = torch.cat([one.judged_on for one in several])
    labels = torch.cat([torch.full((len(one.judged_on),), one.index) for one in several])
    graphs = [one.graph for one in several]
    own = graph_effect(network, images, wiring, graphs).accuracies(labels)
    beside = [
        graph_effect(network, images, wiring, drawn).accuracies(labels)
        for drawn in random
        # A random graph may have no two units that are joined.
        if graph_edges(wiring, drawn)
    ]
    return {
        "images": len(images),
        "edges": sum(int(edges.sum()) for edges in graph_edges(wiring, graphs).values()),
        **own,
        "random_kept": _mean([one["kept"] for one in beside]),
        "random_removed": _mean([one["removed"] for one in beside]),
    }


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
