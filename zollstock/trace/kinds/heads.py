"""Attention heads: what each hands to the projection behind an attention.

An attention is a module that says how many heads it has (``num_attention_heads``, ``num_heads``),
and holds no other that does; its last linear layer reads the heads side by side.
``nn.MultiheadAttention`` computes within one function, calls no layer and has no heads to be seen.
"""

from zollstock.trace.layers import Layer
from zollstock.trace.units import Seen, Site

_COUNTS = ("num_attention_heads", "num_heads")


def find(seen: Seen) -> list[Site]:
    """Return the inputs of all projections behind an attention, a unit a head."""
    heads = {path: count for path in seen.modules if (count := _count(seen, path))}
    sites: list[Site] = []
    for path, count in heads.items():
        if any(other.startswith(f"{path}.") for other in heads):
            continue
        inside = [layer for layer in seen.wiring.layers if layer.path.startswith(f"{path}.")]

        if len(inside) > 1 and len({layer.outputs for layer in inside[:-1]}) == 1:
            sites += _site(inside, count)
    return sites


def _site(inside: list[Layer], count: int) -> list[Site]:
    features = inside[-1].shape[1]
    if len(inside[-1].shape) != 2 or features % count:
        return []
    return [Site("heads", inside[-1].received, count, -1, features // count)]


def _count(seen: Seen, path: str) -> int:
    module = seen.modules[path]
    found = next((getattr(module, name) for name in _COUNTS if hasattr(module, name)), 0)
    return found if isinstance(found, int) else 0
