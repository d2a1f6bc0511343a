"""Channels: the maps that a convolution returns, before any activation."""

from zollstock.trace.units import Seen, Site


def find(seen: Seen) -> list[Site]:
    """Return the outputs of all convolutions."""
    return [
        Site("channels", layer.returned, layer.outputs, layer.axis)
        for layer in seen.wiring.layers
        if len(layer.shape) > 2
    ]
