"""Drawn worlds: pictures with known causes, so that a property can be set exactly."""

from zollstock.worlds.base import Latents, Rendered, World, check_choice, over_range
from zollstock.worlds.pets import Pets

WORLDS: dict[str, World] = {world.name: world for world in (Pets(),)}
"""The drawn worlds by name."""


def get_world(name: str) -> World:
    """Return the world called `name`; raise `ZollstockError` if there is none."""
    check_choice("world", name, list(WORLDS))
    return WORLDS[name]


__all__ = ["WORLDS", "Latents", "Rendered", "World", "get_world", "over_range"]
