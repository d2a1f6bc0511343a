"""Causal graphs as what they are: nodes, edges, and how they were found."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A unit of the graph.

    Attributes
    ----------
    layer
        Name of the layer that returns it.
    unit
        Which.
    effect
        Mean over images of what the followed output owes to its edges: above 0, they support it.
    share
        `effect` as a share of the mean absolute output.
    p, q
        Of the test; NaN where the rule has none.
    """

    layer: str
    unit: int
    effect: float
    share: float
    p: float
    q: float


@dataclass(frozen=True)
class Graph:
    """A causal graph.

    Attributes
    ----------
    nodes
        In the order in which they were found; the first is what the output is.
    edges
        (parent, child) as places in `nodes`: those whose weights were replaced together.
    tried
        How many parents were tried in each layer.
    fallbacks
        Layers in which only the original's fallback found parents.
    """

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]
    tried: Mapping[str, int]
    fallbacks: tuple[str, ...] = ()

    def units(self, layer: str) -> list[int]:
        """Return the units of a layer that are in the graph."""
        return [node.unit for node in self.nodes if node.layer == layer]
