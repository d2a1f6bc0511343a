"""First order: Σ ∂p/∂a·Δa along the real frames: property conductance."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from zollstock.trace.first_order import first_order
from zollstock.trace.layers import Layer
from zollstock.trace.network import Network
from zollstock.trace.units import Site


def units(
    network: Network,
    frames: torch.Tensor,
    sites: Sequence[Site],
    settings: Mapping[str, Any],
    seed: int,
) -> dict[str, torch.Tensor]:
    """Return it for units; see `zollstock.trace.methods`."""
    found = [first_order(network, path, sites).units_path for path in frames]
    return {site.name: torch.stack([one[site.name] for one in found]) for site in sites}


def edges(
    network: Network,
    frames: torch.Tensor,
    layers: Sequence[Layer],
    settings: Mapping[str, Any],
    seed: int,
) -> dict[str, torch.Tensor]:
    """Return it for edges; see `zollstock.trace.methods`."""
    found = [first_order(network, path, layers=layers).edges_path for path in frames]
    return {layer.name: torch.stack([one[layer.name] for one in found]) for layer in layers}
