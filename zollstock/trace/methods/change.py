"""A baseline: how much a unit itself, or what an edge carries, changes from start to end.

It never asks the output, so what moves and has no effect is found as well.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from zollstock.trace.first_order import edge_products
from zollstock.trace.layers import Layer
from zollstock.trace.network import Network
from zollstock.trace.units import Site, read


def units(
    network: Network,
    frames: torch.Tensor,
    sites: Sequence[Site],
    settings: Mapping[str, Any],
    seed: int,
) -> dict[str, torch.Tensor]:
    """Return it for units; see `zollstock.trace.methods`."""
    places = [site.place for site in sites]
    end, start = read(network, frames[:, -1], places), read(network, frames[:, 0], places)
    return {site.name: site.sums((end[site.place] - start[site.place]).abs()) for site in sites}


def edges(
    network: Network,
    frames: torch.Tensor,
    layers: Sequence[Layer],
    settings: Mapping[str, Any],
    seed: int,
) -> dict[str, torch.Tensor]:
    """Return it for edges; see `zollstock.trace.methods`."""
    places = [place for layer in layers for place in (layer.received, layer.returned)]
    end, start = read(network, frames[:, -1], places), read(network, frames[:, 0], places)
    found = {}
    for layer in layers:
        step = end[layer.received] - start[layer.received]
        ones = torch.ones_like(end[layer.returned][:1])
        rows = [edge_products(network, layer, row[None], ones) for row in step]
        found[layer.name] = torch.stack(rows).abs()
    return found
