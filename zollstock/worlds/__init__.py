"""Drawn worlds: pictures with known causes, so that a property can be set exactly.

A world is a package in here of its name: it tells what is known of it (``FACTS``), and its module
``world`` draws it (``WORLD``). The first is read while a study is planned and needs no NumPy.
"""

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.worlds.facts import Facts

if TYPE_CHECKING:
    from zollstock.worlds.base import World


def known_worlds() -> list[str]:
    """Return the names of the drawn worlds."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__) if found.ispkg)


def check_choice(where: str, found: str, choices: tuple[str, ...] | list[str]) -> None:
    """Raise a `ZollstockError` that names the nearest choice unless `found` is one."""
    if found in choices:
        return
    hint = did_you_mean(found, choices, "Take one of these.")
    raise ZollstockError(where, f"`{found}`", "one of " + ", ".join(choices), hint)


def facts_of(name: str) -> Facts:
    """Return what is known of the world called `name`; raise `ZollstockError` if there is none."""
    check_choice("world", name, known_worlds())
    facts: Facts = importlib.import_module(f"{__name__}.{name}").FACTS
    return facts


def get_world(name: str) -> "World":
    """Return the world called `name`; raise `ZollstockError` if there is none."""
    check_choice("world", name, known_worlds())
    world: World = importlib.import_module(module_of(name)).WORLD
    return world


def module_of(name: str) -> str:
    """Return the module that draws a world."""
    return f"{__name__}.{name}.world"


def folders_of(name: str) -> tuple[Path, ...]:
    """Return the folders whose code draws a world: what all share, its own, one it is like."""
    like, shared = facts_of(name).like, Path(__file__).parent
    return shared, shared / name, *([shared / like] if like else [])


__all__ = [
    "Facts",
    "check_choice",
    "facts_of",
    "folders_of",
    "get_world",
    "known_worlds",
    "module_of",
]
