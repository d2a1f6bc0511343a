"""Path interventions of all parents of a layer at once: ExplaiNN's question, in few passes.

What each parent brings to each child is told apart in one pass of the layer,
x_i∗(W'[e, i] − W[e, i]) for all i, and added to the layer's output one parent at a time. The
general way, by groups of edges (`zollstock.trace.effects.edge_effects`), runs the layer once a
parent and gives the same.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from zollstock.trace.edges import parents, weights_of
from zollstock.trace.effects import ROWS, Effects, edge_effects, grouped
from zollstock.trace.interventions import Context, find_intervention, named
from zollstock.trace.layers import Layer
from zollstock.trace.network import Change, Network, Place


def parent_effects(
    network: Network,
    inputs: torch.Tensor,
    layer: Layer,
    children: Sequence[int] | None = None,
    intervention: str = "hard",
    *,
    context: Context | None = None,
    others: torch.Tensor | None = None,
    only: Sequence[int] | None = None,
    rows: int = ROWS,
) -> Effects:
    """Return what the output owes to each parent's edges to some children, (parents, N).

    Parameters
    ----------
    network, inputs, layer, intervention, context, others, rows
        As in `zollstock.trace.effects.edge_effects`.
    children
        Units that the layer returns; by default all.
    only
        Which parents are tried, of those that the layer reads; by default all.
    """
    module: Any = network.module.get_submodule(layer.path)
    tried = list(range(layer.inputs)) if only is None else list(only)
    whole_kernels = not isinstance(module, nn.Linear) and (
        layer.groups > 1 or module.padding_mode != "zeros"
    )
    if whole_kernels or not find_intervention(intervention).ON_WEIGHTS:
        return edge_effects(
            network,
            inputs,
            layer,
            intervention,
            context=context,
            others=others,
            groups=parents(layer, children)[tried],
            rows=rows,
        )
    weights = weights_of(network, layer)
    context = named(context, layer.name)
    step = find_intervention(intervention).replacement(weights, context) - weights
    if children is not None:
        rest = torch.ones(layer.outputs, dtype=torch.bool)
        rest[list(children)] = False
        step[rest] = 0
    size = max(1, rows // max(len(inputs), 1))
    found = [
        _some(network, inputs, layer, step, tried[first : first + size], rows)
        for first in range(0, len(tried), size)
    ]
    return Effects(found[0].whole, torch.cat([one.without for one in found]))


def _some(
    network: Network,
    inputs: torch.Tensor,
    layer: Layer,
    step: torch.Tensor,
    chosen: Sequence[int],
    rows: int,
) -> Effects:
    def changes(mask: torch.Tensor, part: slice) -> dict[Place, Change]:
        brought: list[torch.Tensor] = []

        def note(value: torch.Tensor) -> None:
            brought.append(contributions(network, layer, value, step, chosen))

        def add(value: torch.Tensor) -> torch.Tensor:
            # The mask is a number and a share: with nothing replaced, 0 of the first parent's.
            number, share = mask[0], mask[1]
            one = brought[-1].index_select(0, number[None])[0]
            return value + share * one

        return {layer.received: note, layer.returned: add}

    numbers = torch.stack([torch.arange(len(chosen)), torch.ones(len(chosen), dtype=torch.long)], 1)
    return grouped(network, inputs, len(chosen), numbers.__getitem__, changes, rows)


def contributions(
    network: Network,
    layer: Layer,
    values: torch.Tensor,
    weights: torch.Tensor,
    chosen: Sequence[int],
) -> torch.Tensor:
    """Return what each of some parents brings to what a layer returns, (parents, N, …).

    Parameters
    ----------
    network, layer
        A linear layer, or a convolution of one group that pads with 0.
    values
        What it receives.
    weights
        In place of its own.
    chosen
        Which parents.
    """
    part = torch.tensor(list(chosen), device=values.device)
    if len(layer.shape) == 2:
        each = values.unflatten(-1, (layer.inputs, layer.block))[..., part, :]
        slices = weights.unflatten(1, (layer.inputs, layer.block))[:, part]
        return torch.einsum("n...ib,oib->in...o", each, slices)
    module: Any = network.module.get_submodule(layer.path)
    act: Any = {3: functional.conv1d, 4: functional.conv2d, 5: functional.conv3d}[len(layer.shape)]
    kernels = weights[:, part].transpose(0, 1).flatten(0, 1)[:, None]
    found: torch.Tensor = act(
        values.index_select(layer.axis, part),
        kernels,
        None,
        module.stride,
        module.padding,
        module.dilation,
        len(chosen),
    )
    return found.unflatten(layer.axis, (len(chosen), layer.outputs)).movedim(layer.axis - 1, 0)
