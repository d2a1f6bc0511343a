"""Exact: the network is run at the end frame with each unit or edge replaced.

The setting ``intervention`` names what it is replaced with, by default ``swapped``, its value at
the start frame. ``mean`` and ``resampled`` take the values of all images at the start frame.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from zollstock.trace.edges import each_edge
from zollstock.trace.effects import edge_effects, unit_effects
from zollstock.trace.interventions import Context
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
    end, start, kind = frames[:, -1], frames[:, 0], settings.get("intervention", "swapped")
    context = _context(frames, settings, seed)
    return {
        site.name: unit_effects(network, end, site, kind, context=context, others=start).effects.T
        for site in sites
    }


def edges(
    network: Network,
    frames: torch.Tensor,
    layers: Sequence[Layer],
    settings: Mapping[str, Any],
    seed: int,
) -> dict[str, torch.Tensor]:
    """Return it for edges; see `zollstock.trace.methods`."""
    end, start, kind = frames[:, -1], frames[:, 0], settings.get("intervention", "swapped")
    context = _context(frames, settings, seed)
    found = {}
    for layer in layers:
        effects = edge_effects(network, end, layer, kind, context=context, others=start).effects
        whole = effects.new_zeros((len(end), layer.outputs, layer.inputs))
        rows, columns = each_edge(layer).T
        whole[:, rows, columns] = effects.T
        found[layer.name] = whole
    return found


def _context(frames: torch.Tensor, settings: Mapping[str, Any], seed: int) -> Context:
    names = settings.get("images") or [str(row) for row in range(len(frames))]
    return Context(settings, (seed,), names, None, names)
