"""Methods: what the output of some images owes to each unit and edge. A module each.

A module offers ``units(network, frames, sites, settings, seed)`` and ``edges(network, frames,
layers, settings, seed)``. Frames are of N images, (N, S, …), the first one the start of each path;
the result is a number of each image and unit, by the name of the place, (N, units), or of each
image and edge, by the name of the layer, (N, outputs, inputs), 0 where there is no edge. They are
signed: above 0 means that the output at the end frame is higher for it.
"""

import importlib
import pkgutil
from types import ModuleType

from zollstock.errors import ZollstockError, did_you_mean


def known_methods() -> list[str]:
    """Return the names of all methods."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__))


def find_method(name: str) -> ModuleType:
    """Return the module of a method.

    Raises
    ------
    ZollstockError
        If there is none of this name.
    """
    known = known_methods()
    if name not in known:
        raise ZollstockError(
            "trace: method",
            f"is '{name}'",
            f"one of {', '.join(known)}",
            did_you_mean(name, known, "Choose one of these."),
        )
    return importlib.import_module(f"{__name__}.{name}")
