"""Neurons: what a linear layer returns, before any activation; at all tokens, of a transformer."""

from zollstock.trace.units import Seen, Site


def find(seen: Seen) -> list[Site]:
    """Return the outputs of all linear layers."""
    return [
        Site("neurons", layer.returned, layer.outputs, layer.axis)
        for layer in seen.wiring.layers
        if len(layer.shape) == 2
    ]
