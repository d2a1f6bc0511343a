"""Methods: what the output of some images owes to each unit and edge. A module each.

A module offers ``units(network, frames, sites, settings, seed)`` and ``edges(network, frames,
layers, settings, seed)``. Frames are of N images, (N, S, …), the first one the start of each path;
the result is a number of each image and unit, by the name of the place, (N, units), or of each
image and edge, by the name of the layer, (N, outputs, inputs), 0 where there is no edge. They are
signed: above 0 means that the output at the end frame is higher for it.
"""

import sys
from types import ModuleType

from zollstock.entries import find_entry, known_entries


def known_methods() -> list[str]:
    """Return the names of all methods."""
    return known_entries(sys.modules[__name__])


def find_method(name: str) -> ModuleType:
    """Return the module of a method; errors as `zollstock.entries.find_entry`."""
    return find_entry(sys.modules[__name__], name)
