"""Tokens: the residual stream of a transformer behind each of its blocks, a unit a token.

A block is a member of a list of modules that returns tokens, (N, T, D), of the shape in which it
receives them.
"""

from torch import nn

from zollstock.trace.network import RECEIVED, RETURNED
from zollstock.trace.units import Seen, Site


def find(seen: Seen) -> list[Site]:
    """Return the outputs of all blocks."""
    sites = []
    for place, shape in seen.shapes.items():
        path, call, side = place
        parent = seen.modules.get(path.rpartition(".")[0])
        if side != RETURNED or not isinstance(parent, nn.ModuleList | nn.Sequential):
            continue
        if not any(True for _ in seen.modules[path].children()):
            continue  # a single layer within a block
        if len(shape) == 3 and seen.shapes.get((path, call, RECEIVED)) == shape:
            sites.append(Site("tokens", place, shape[1], -2))
    return sites
