"""Edges: slices of a layer's weights, from a unit that it reads to a unit that it returns.

The edge from i to e of a convolution is the kernel W[e, i], of a linear layer behind flattened maps
the block of weights of channel i. Taken out, what e receives changes by −W[e, i]∗x_i: a change of
the layer's output, so that no weight is ever written to.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from zollstock.trace.layers import INPUT, Layer, Link, Wiring
from zollstock.trace.network import Change, Network, hooked
from zollstock.trace.units import read


def weights_of(network: Network, layer: Layer) -> torch.Tensor:
    """Return a copy of a layer's weights."""
    module: Any = network.module.get_submodule(layer.path)
    weights: torch.Tensor = module.weight.detach().clone()
    return weights


def act(
    network: Network, layer: Layer, values: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """Return what a layer makes of values with other weights and no bias."""
    module: Any = network.module.get_submodule(layer.path)
    if isinstance(module, nn.Linear):
        return functional.linear(values, weights)
    # With the module's own stride, padding and groups; calling it would call hooks.
    found: torch.Tensor = module._conv_forward(values, weights, None)
    return found


def on_weights(layer: Layer, edges: torch.Tensor) -> torch.Tensor:
    """Return numbers of edges, (outputs, inputs), so that they broadcast over the weights."""
    if len(layer.shape) == 2:
        return edges.repeat_interleave(layer.block, 1)
    wide, each = layer.inputs // layer.groups, layer.outputs // layer.groups
    within = edges.reshape(layer.groups, each, layer.groups, wide)
    # Of a grouped convolution only the blocks on the diagonal exist.
    kept = within.diagonal(dim1=0, dim2=2).permute(2, 0, 1).reshape(layer.outputs, wide)
    return kept.reshape(*kept.shape, *[1] * (len(layer.shape) - 2))


def each_edge(layer: Layer) -> torch.Tensor:
    """Return all edges of a layer as indices (E, 2): the unit returned, the unit read."""
    return layer.joined().nonzero()


def parents(layer: Layer, children: Sequence[int] | None = None) -> torch.Tensor:
    """Return, for each unit read, its edges to some units returned: bool (inputs, outputs, inputs).

    This is a *path intervention* of ExplaiNN: all edges of a parent to the children that are
    already causal.
    """
    chosen = torch.zeros(layer.outputs, dtype=torch.bool)
    chosen[list(range(layer.outputs) if children is None else children)] = True
    edges = torch.eye(layer.inputs, dtype=torch.bool)[:, None, :] & chosen[None, :, None]
    return edges & layer.joined()


def received_through(
    network: Network, inputs: torch.Tensor, wiring: Wiring, link: Link, new: torch.Tensor
) -> torch.Tensor:
    """Return what a link's target receives if only what comes through this link is replaced.

    Parameters
    ----------
    network, inputs, wiring
        What is looked at.
    link
        Of it, such as a skip; all that its source reaches through other layers stays.
    new
        In place of the source's output, or, of `INPUT`, of the inputs.
    """
    target = wiring.layers[link.target]
    own = read(network, inputs, [layer.returned for layer in wiring.layers])

    def constant(value: torch.Tensor) -> Change:
        return lambda _: value.clone()

    changes = {place: constant(value) for place, value in own.items()}
    if link.source != INPUT:
        changes[wiring.layers[link.source].returned] = constant(new)
    found: list[torch.Tensor] = []

    def note(value: torch.Tensor) -> None:
        found.append(value.clone())

    changes[target.received] = note
    with torch.no_grad(), hooked(network.module, changes):
        network.answer(new if link.source == INPUT else inputs)
    return found[0]
