"""The registry of engines."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from zollstock.engines.base import Engine
from zollstock.errors import ZollstockError, did_you_mean

EngineClass = TypeVar("EngineClass", bound=Callable[..., Any])

ENGINES: dict[str, Callable[..., Engine]] = {}

# Imported when asked for, so that an engine's libraries load only in jobs that use it.
MODULES = {
    "rendered": "zollstock.engines.rendered",
    "grid": "zollstock.engines.grid",
    "frames": "zollstock.engines.frames",
    "command": "zollstock.engines.command",
    "photometric": "zollstock.engines.pixels.photometric",
    "overlay": "zollstock.engines.pixels.overlay",
    "background": "zollstock.engines.pixels.background",
    "geometric": "zollstock.engines.pixels.geometric",
    "blend": "zollstock.engines.pixels.blend",
    "placebo_rendered": "zollstock.engines.placebos.rendered",
    "placebo_series": "zollstock.engines.placebos.series",
    "placebo_pixels": "zollstock.engines.placebos.pixels",
    "placebo_edited": "zollstock.engines.placebos.edited",
    "instruct_pix2pix": "zollstock.engines.diffusion.instruct_pix2pix",
    "ledits_pp": "zollstock.engines.diffusion.ledits_pp",
    "flux_kontext": "zollstock.engines.diffusion.flux_kontext",
    "qwen_image_edit": "zollstock.engines.diffusion.qwen_image_edit",
    "flowedit": "zollstock.engines.diffusion.flowedit",
}


EDITORS = {name for name, module in MODULES.items() if ".diffusion." in module} | {"placebo_edited"}
"""Engines that run an image editor: their modules import torch and diffusers."""


def register(name: str) -> Callable[[EngineClass], EngineClass]:
    """Enter an engine class under `name`."""

    def enter(engine: EngineClass) -> EngineClass:
        ENGINES[name] = engine
        return engine

    return enter


def known_engines() -> list[str]:
    """Return the names of all engines."""
    return sorted(MODULES.keys() | ENGINES.keys())


def make_engine(
    name: str, settings: dict[str, Any], run: object = None, references: object = None
) -> Engine:
    """Construct the engine `name` from a property's settings.

    Parameters
    ----------
    name
        A key of the registry.
    settings
        Keyword arguments of the engine.
    run
        How to run it, for engines that take it; see
        `zollstock.engines.diffusion.base.RunOptions`.
    references
        The pictures that edits start from, for placebos that take them; see
        `zollstock.engines.placebos.references`.

    Raises
    ------
    ZollstockError
        If there is no such engine.
    """
    if name in MODULES and name not in ENGINES:
        importlib.import_module(MODULES[name])
    if name not in ENGINES:
        raise ZollstockError(
            "engine",
            f"is '{name}'",
            f"one of {', '.join(known_engines())}",
            did_you_mean(name, known_engines(), "Choose one of these."),
        )
    engine = ENGINES[name]
    if run is not None and getattr(engine, "takes_run_options", False):
        settings = settings | {"run": run}
    if references is not None and getattr(engine, "takes_references", False):
        settings = settings | {"references": references}
    return engine(**settings)


def engine_for(
    settings: Mapping[str, Any], run: object = None, references: object = None
) -> Engine:
    """Construct the engine that a property's settings name; see `make_engine`."""
    rest = {key: value for key, value in settings.items() if key != "engine"}
    return make_engine(settings["engine"], rest, run, references)
