"""Where a causal graph looks: maps of the pictures from a graph, and a random graph's beside them.

As in ExplaiNN, what a parent returns, before any activation and pooling, is correlated with the
child's kernel at all places where they overlap; the kernel is not turned round, as the original
does by mistake. A softmax over places makes it a distribution, and parents are averaged. Of the
same images a random graph of the same size has similar maps, so its map is always to be shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from zollstock.errors import ZollstockError
from zollstock.seeds import rng_for
from zollstock.trace.edges import weights_of
from zollstock.trace.layers import INPUT, Layer, Wiring
from zollstock.trace.network import Network
from zollstock.trace.structure import Graph, Node
from zollstock.trace.units import read


@dataclass(frozen=True)
class GraphMaps:
    """Maps of some images from one layer of a causal graph.

    Attributes
    ----------
    layer
        Whose units in the graph are the children.
    children
        Which, K.
    each
        A map of each child, (N, K, H, W); not below 0.
    """

    layer: str
    children: tuple[int, ...]
    each: torch.Tensor

    @property
    def summed(self) -> torch.Tensor:
        """The sum over children, (N, H, W)."""
        return self.each.sum(1)

    @property
    def shown(self) -> torch.Tensor:
        """Each child's map from −1, its least value, to 1, its largest, (N, K, H, W)."""
        low, high = self.each.amin((2, 3), keepdim=True), self.each.amax((2, 3), keepdim=True)
        span = torch.where(high > low, high - low, 1)
        return torch.where(high > low, 2 * (self.each - low) / span - 1, 0.0)


def graph_maps(
    network: Network,
    inputs: torch.Tensor,
    wiring: Wiring,
    graph: Graph,
    size: tuple[int, int],
    layer: str | None = None,
) -> GraphMaps:
    """Return the maps of images from a causal graph.

    Of each child e, the mean over its parents i of softmax(x_i ⋆ W[e, i]) over places, resized
    bilinearly; ⋆ is correlation in two dimensions, over all places where both overlap.

    Parameters
    ----------
    network, wiring
        What the graph is of.
    inputs
        Images, (N, …).
    graph
        The graph.
    size
        Height and width of the maps: those of the pictures.
    layer
        A convolution; by default the lowest one with parents in the graph.

    Raises
    ------
    ZollstockError
        If there is no such layer, or it has no parents in the graph, or they are no maps.
    """
    target = _layer(wiring, graph, layer)
    families: dict[int, list[tuple[str, int]]] = {}
    for parent, child in graph.edges:
        if graph.nodes[child].layer == target.name:
            node = graph.nodes[parent]
            families.setdefault(graph.nodes[child].unit, []).append((node.layer, node.unit))
    names = sorted({name for family in families.values() for name, _ in family})
    values = _values(network, inputs, [wiring.layers[wiring.place(name)] for name in names])
    children = tuple(sorted(families))
    found = []
    for child in children:
        parts = [
            _family(network, target, child, values[name], units, size)
            for name in names
            if (units := _units(families[child], name))
        ]
        found.append(torch.cat(parts, 1).mean(1))
    return GraphMaps(target.name, children, torch.stack(found, 1))


def random_graph(graph: Graph, wiring: Wiring, *seed: object) -> Graph:
    """Return a graph of random units, as many in each layer; the first node stays.

    Its edges are all that join its units along the links of the network.

    Parameters
    ----------
    graph
        Whose size is taken.
    wiring
        Of its network.
    *seed
        Names the draw.
    """
    nan = float("nan")
    nodes, places = [graph.nodes[0]], {(graph.nodes[0].layer, graph.nodes[0].unit): 0}
    for layer in reversed(wiring.layers):
        taken = [one.unit for one in nodes if one.layer == layer.name]
        free = [unit for unit in range(layer.outputs) if unit not in taken]
        wanted = len(graph.units(layer.name)) - len(taken)
        drawn = rng_for("random graph", *seed, layer.name).permutation(free)[:wanted]
        for unit in sorted(map(int, drawn)):
            places[layer.name, unit] = len(nodes)
            nodes.append(Node(layer.name, unit, nan, nan, nan, nan))
    edges = []
    for link in wiring.links:
        if link.source == INPUT or link.target == len(wiring.layers) or not link.aligned:
            continue
        source, target = wiring.layers[link.source], wiring.layers[link.target]
        joined = target.joined()
        edges += [
            (places[source.name, parent.unit], places[target.name, child.unit])
            for child in nodes
            if child.layer == target.name
            for parent in nodes
            if parent.layer == source.name and bool(joined[child.unit, parent.unit])
        ]
    return Graph(tuple(nodes), tuple(edges), graph.tried)


def _layer(wiring: Wiring, graph: Graph, name: str | None) -> Layer:
    """Return the convolution whose units in a graph are the children."""
    having = {graph.nodes[child].layer for _, child in graph.edges}
    able = [one for one in wiring.layers if len(one.shape) == 4 and one.name in having]
    if name is not None:
        able = [one for one in able if one == wiring.layers[wiring.place(name)]]
    if not able:
        which = "no convolution" if name is None else f"layer '{name}', which is none that"
        raise ZollstockError(
            "trace: layer",
            f"{which} has parents in the graph",
            "a convolution in two dimensions with a parent and a child in the graph",
            "Name another layer, or choose a rule that keeps more.",
        )
    return able[0]


def _values(
    network: Network, inputs: torch.Tensor, layers: Sequence[Layer]
) -> dict[str, torch.Tensor]:
    """Return what layers return, before any activation, as (N, C, h, w)."""
    found = read(network, inputs, [layer.returned for layer in layers])
    values = {}
    for layer in layers:
        value = found[layer.returned]
        if value.ndim != 4:
            raise ZollstockError(
                "trace: layer",
                f"reads of '{layer.name}', which returns {tuple(value.shape)}",
                "maps, (N, C, h, w)",
                "Name a layer that reads of convolutions.",
            )
        values[layer.name] = value.movedim(layer.axis, 1)
    return values


def _units(family: Sequence[tuple[str, int]], name: str) -> list[int]:
    return sorted(unit for layer, unit in family if layer == name)


def _family(
    network: Network,
    layer: Layer,
    child: int,
    values: torch.Tensor,
    parents: Sequence[int],
    size: tuple[int, int],
) -> torch.Tensor:
    """Return the maps of some parents of a child, (N, parents, H, W)."""
    module: Any = network.module.get_submodule(layer.path)
    wide = layer.inputs // layer.groups
    kernels = weights_of(network, layer)[child, [unit % wide for unit in parents]][:, None]
    pad = [step * (side - 1) for step, side in zip(module.dilation, layer.shape[2:], strict=True)]
    chosen = values[:, list(parents)]
    # What torch calls a convolution is a correlation.
    found = functional.conv2d(
        chosen, kernels, padding=pad, dilation=module.dilation, groups=len(parents)
    )
    likely = found.flatten(2).softmax(2).reshape(found.shape)
    return functional.interpolate(likely, size, mode="bilinear", align_corners=False)
