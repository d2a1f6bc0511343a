r"""First-order effects of all units and edges at once, along the real frames.

What the output owes to unit c between the two ends of a path is, to first order, slope times
difference. Two ways to take the slope along the frames are given:

- ``path``: Σ ∂p/∂a·Δa over the frames, which adds up (`zollstock.trace.conductance`);
- ``mean``: the mean of ∂p/∂a over the frames, times a(end) − a(start): EAP-IG (Hanna et al. 2024,
  arXiv 2403.17806) with the frames of an intervention in place of a straight line.

Of an edge from i to e of a layer with weights W, what e receives changes by W[e, i]∗Δx_i, so its
effect is ∂p/∂z_e·(W[e, i]∗Δx_i), for which all edges need one backward pass of the layer alone. The
exact counterpart is `zollstock.trace.effects` with the intervention ``swapped``: what is lost at
the end frame if one unit or edge is as at the start. They differ where several are needed
together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

from zollstock.trace.along import Interval, Path, Slopes, slopes_of, whole_slopes
from zollstock.trace.edges import act, weights_of
from zollstock.trace.layers import Layer
from zollstock.trace.network import Network, Place
from zollstock.trace.units import Site

_PART = 16

Method = Callable[
    [Network, torch.Tensor, Sequence[Any], Mapping[str, Any], int], dict[str, torch.Tensor]
]
"""What a module of `zollstock.trace.methods` offers."""


@dataclass(frozen=True)
class FirstOrder:
    """First-order effects of one path, by the name of each place or layer.

    Attributes
    ----------
    units_path, units_mean
        Shape (units,) each.
    edges_path, edges_mean
        Shape (outputs, inputs) each; 0 where there is no edge.
    """

    units_path: dict[str, torch.Tensor]
    units_mean: dict[str, torch.Tensor]
    edges_path: dict[str, torch.Tensor]
    edges_mean: dict[str, torch.Tensor]


def first_order(
    network: Network,
    frames: torch.Tensor,
    sites: Sequence[Site] = (),
    layers: Sequence[Layer] = (),
    *,
    intervals: Sequence[Interval] | None = None,
) -> FirstOrder:
    """Return the first-order effects of units and edges along one path.

    Parameters
    ----------
    network, frames
        What is looked at; frames of one image, (S, …).
    sites
        Whose units.
    layers
        Whose edges.
    intervals
        Of the integral, such as those that made a conductance complete; by default a step each.
    """
    path = Path.of(network, frames)
    chosen = list(path.pieces() if intervals is None else intervals)
    places = {site.place for site in sites}
    places |= {place for layer in layers for place in (layer.received, layer.returned)}
    slope = whole_slopes(network, sorted(places))
    units: dict[str, torch.Tensor] = {}
    edges: dict[str, torch.Tensor] = {}
    means: dict[Place, torch.Tensor] = {}
    for first in range(0, len(chosen), _PART):
        part = chosen[first : first + _PART]
        some = slopes_of(path, part, slope)
        for site in sites:
            product = site.sums(some.slope(site.place) * some.step(site.place)).sum(0)
            units[site.name] = units.get(site.name, 0) + product
        for layer in layers:
            found = edge_products(
                network, layer, some.step(layer.received), some.slope(layer.returned)
            )
            edges[layer.name] = edges.get(layer.name, 0) + found
        _add_means(means, some, part, len(frames) - 1)
    whole = slopes_of(Path(frames[[0, -1]], path.series[[0, -1]]), [Interval(0, 0.0, 1.0)], slope)
    return FirstOrder(
        units,
        {site.name: site.sums(means[site.place] * whole.step(site.place)).sum(0) for site in sites},
        edges,
        {
            layer.name: edge_products(
                network, layer, whole.step(layer.received), means[layer.returned]
            )
            for layer in layers
        },
    )


def of_paths(way: Literal["path", "mean"]) -> tuple[Method, Method]:
    """Return the two functions of a method of `zollstock.trace.methods`, for units and for edges.

    Parameters
    ----------
    way
        To take the slope along the frames.
    """

    def of(what: Literal["units", "edges"], keyword: str) -> Method:
        def method(
            network: Network,
            frames: torch.Tensor,
            places: Sequence[Any],
            settings: Mapping[str, Any],
            seed: int,
        ) -> dict[str, torch.Tensor]:
            """Return first-order effects; see `zollstock.trace.methods`."""
            asked: dict[str, Any] = {keyword: places}
            found = [
                getattr(first_order(network, path, **asked), f"{what}_{way}") for path in frames
            ]
            return {one.name: torch.stack([part[one.name] for part in found]) for one in places}

        return method

    return of("units", "sites"), of("edges", "layers")


def edge_products(
    network: Network, layer: Layer, step: torch.Tensor, slope: torch.Tensor
) -> torch.Tensor:
    """Return Σ slope_e·(W[e, i]∗step_i) of all edges, (outputs, inputs), summed over rows.

    The derivative by W of slope·(W∗step), times W, summed over each edge's slice of weights.

    Parameters
    ----------
    network, layer
        Whose edges.
    step
        Change of what the layer receives, (M, …).
    slope
        Of the output by what the layer returns, (M, …).
    """
    with torch.enable_grad():
        weights = weights_of(network, layer).requires_grad_()
        total = (act(network, layer, step, weights) * slope).sum()
        product = (torch.autograd.grad(total, weights)[0] * weights).detach()
    return per_edge(layer, product)


def per_edge(layer: Layer, values: torch.Tensor) -> torch.Tensor:
    """Return the sum of numbers of weights over each edge's slice, (outputs, inputs)."""
    if len(layer.shape) == 2:
        return values.unflatten(1, (layer.inputs, layer.block)).sum(2)
    within = values.flatten(2).sum(2)
    wide, each = layer.inputs // layer.groups, layer.outputs // layer.groups
    found = values.new_zeros((layer.outputs, layer.inputs))
    for group in range(layer.groups):
        rows = slice(group * each, (group + 1) * each)
        found[rows, group * wide : (group + 1) * wide] = within[rows]
    return found


def _add_means(
    means: dict[Place, torch.Tensor], some: Slopes, part: Sequence[Interval], pieces: int
) -> None:
    for place in some.slopes:
        slope = some.slope(place)
        lengths = torch.tensor([one.end - one.start for one in part]).to(slope) / pieces
        total = (slope * lengths.reshape(-1, *[1] * (slope.ndim - 1))).sum(0, keepdim=True)
        means[place] = means.get(place, 0) + total
