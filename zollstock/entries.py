"""Registries that are folders: a module of its name is the entry."""

import importlib
import pkgutil
import sys
from types import ModuleType

from zollstock.errors import ZollstockError, did_you_mean


def known_entries(package: ModuleType) -> list[str]:
    """Return the names of all entries of a registry."""
    return sorted(found.name for found in pkgutil.iter_modules(package.__path__))


def find_entry(package: ModuleType, name: str) -> ModuleType:
    """Return the module of an entry, imported when it is asked for.

    Parameters
    ----------
    package
        The registry, such as `zollstock.locate.segments`.
    name
        Of the entry.

    Raises
    ------
    ZollstockError
        If there is none of this name.
    """
    there = sys.modules.get(f"{package.__name__}.{name}")
    if there is not None:  # looking into the folder takes longer than a small network
        return there
    known = known_entries(package)
    if name not in known:
        *_, stage, what = package.__name__.split(".")
        raise ZollstockError(
            f"{stage}: {what}",
            f"names '{name}'",
            f"one of {', '.join(known)}",
            did_you_mean(name, known, "Choose one of these."),
        )
    return importlib.import_module(f"{package.__name__}.{name}")
