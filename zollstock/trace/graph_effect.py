"""What a causal graph does: the network with nothing but the graph, and without it.

As in ExplaiNN, of the layers in which a graph has edges all other weights are set to 0; biases and
all other layers stay. Removed, the graph's own weights are 0. Keeping and removing differ where
units stand in for each other, so both are told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch

from zollstock.errors import ZollstockError
from zollstock.trace.edges import act, on_weights, weights_of
from zollstock.trace.layers import Layer, Wiring
from zollstock.trace.network import Change, Network, Place, hooked
from zollstock.trace.structure import Graph


@dataclass(frozen=True)
class GraphEffect:
    """Logits of images, (N, C) each.

    Attributes
    ----------
    whole
        Of the network as it is.
    kept
        With nothing but the graph in its layers.
    removed
        With the graph taken out.
    """

    whole: torch.Tensor
    kept: torch.Tensor
    removed: torch.Tensor

    def accuracies(self, labels: torch.Tensor) -> dict[str, float]:
        """Return the share of images whose label, (N,), has the largest logit, for each."""
        return {
            name: float((logits.argmax(1) == labels.to(logits.device)).double().mean())
            for name, logits in vars(self).items()
        }


def graph_effect(
    network: Network,
    inputs: torch.Tensor,
    wiring: Wiring,
    graphs: Graph | Sequence[Graph],
    batch: int = 256,
) -> GraphEffect:
    """Return the logits with nothing but a graph, and without it.

    Parameters
    ----------
    network, wiring
        What the graph is of; the network must know its logits.
    inputs
        Images, (N, …), other than those that the graph was found on.
    graphs
        One, or several whose edges are taken together, such as one a class.
    batch
        Images at once.

    Raises
    ------
    ZollstockError
        If the graph has no edges, or the network knows no logits.
    """
    several = [graphs] if isinstance(graphs, Graph) else list(graphs)
    kept = graph_edges(wiring, several)
    if not kept:
        raise ZollstockError(
            "trace: graph", "has no edges", "one at least", "Choose a rule that keeps more."
        )
    whole = network.following_all()
    none: dict[Place, Change] = {}
    sides = (
        none,
        without_edges(network, wiring, {place: ~edges for place, edges in kept.items()}),
        without_edges(network, wiring, kept),
    )
    found = []
    for changes in sides:
        with torch.no_grad(), hooked(network.module, changes):
            found.append(torch.cat([whole.answer(part) for part in inputs.split(batch)]))
    return GraphEffect(*found)


def graph_edges(wiring: Wiring, graphs: Iterable[Graph]) -> dict[int, torch.Tensor]:
    """Return which edges of each layer are in graphs, bool (outputs, inputs), by its place."""
    found: dict[int, torch.Tensor] = {}
    for graph in graphs:
        for parent, child in graph.edges:
            place = wiring.place(graph.nodes[child].layer)
            layer = wiring.layers[place]
            none = torch.zeros((layer.outputs, layer.inputs), dtype=torch.bool)
            found.setdefault(place, none)[graph.nodes[child].unit, graph.nodes[parent].unit] = True
    return found


def without_edges(
    network: Network, wiring: Wiring, gone: Mapping[int, torch.Tensor]
) -> dict[Place, Change]:
    """Return what is changed where, so that the weights of some edges are 0.

    Parameters
    ----------
    network, wiring
        What is looked at.
    gone
        By a layer's place in the wiring which edges, bool (outputs, inputs).
    """
    changes: dict[Place, Change] = {}
    for place, edges in gone.items():
        changes |= _without(network, wiring.layers[place], edges)
    return changes


def _without(network: Network, layer: Layer, edges: torch.Tensor) -> dict[Place, Change]:
    weights = weights_of(network, layer)
    weights = weights * on_weights(layer, edges.to(weights.device))
    current: list[torch.Tensor] = []

    def note(value: torch.Tensor) -> None:
        current.append(value.clone())

    def take(value: torch.Tensor) -> torch.Tensor:
        return value - act(network, layer, current.pop(), weights)

    return {layer.received: note, layer.returned: take}
