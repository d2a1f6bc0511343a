"""The registry of model families: a name, or the user's own ``module:function``.

A family is a module of `zollstock.models.families` of its name, so that a new one changes no file
that another one runs. It offers ``build``, which makes a module from a card's arguments, and, where
a builder, its arguments and a file of weights are not all there is to it, ``read``, which makes a
`zollstock.models.reading.Found` from settings.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from operator import attrgetter
from types import ModuleType
from typing import Any

import torch
from torch.nn.parameter import is_lazy

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.models import families
from zollstock.models.own import import_own
from zollstock.models.reading import Found, read_built

Builder = Callable[..., torch.nn.Module]

FAMILIES: dict[str, Builder] = {}
"""Builders that were entered by hand; they come before the modules of their names."""


def register_family(name: str, builder: Builder) -> None:
    """Enter a builder under `name`."""
    FAMILIES[name] = builder


def known_families() -> list[str]:
    """Return the names of all families."""
    return sorted({*FAMILIES, *(found.name for found in pkgutil.iter_modules(families.__path__))})


def read_model(settings: Mapping[str, Any]) -> Found:
    """Read a model that its settings describe, weights included.

    Raises
    ------
    ZollstockError
        If something of it is missing or does not fit.
    """
    family = settings["family"]
    module = _module_of(family)
    if module is not None and hasattr(module, "read"):
        found: Found = module.read(settings)
        return found
    return read_built(settings, lambda given, classes: build_model(family, given, classes))


def is_code(family: str) -> bool:
    """Return whether building a model of a family runs what its card or weights say."""
    return ":" in family or bool(getattr(_module_of(family), "RUNS_CODE", False))


def _module_of(family: str) -> ModuleType | None:
    """Return the module of a family; None of one of the user's own or one entered by hand."""
    if ":" in family or family in FAMILIES:
        return None
    if family in known_families():
        return importlib.import_module(f"{families.__name__}.{family}")
    raise ZollstockError(
        "models: family",
        f"is '{family}'",
        f"one of {', '.join(known_families())}, or module:function",
        did_you_mean(family, known_families(), "Choose one of these."),
    )


def build_model(family: str, arguments: Mapping[str, Any], n_classes: int) -> torch.nn.Module:
    """Build an untrained model.

    Parameters
    ----------
    family
        Registered name, or ``module:function``, ``module:Class.method`` too; the module is
        looked for in the current folder first.
    arguments
        Keyword arguments of the builder. ``n_classes`` is added where the builder takes it.
    n_classes
        Number of outputs.

    Raises
    ------
    ZollstockError
        If there is no such family, or its builder refuses the arguments.
    """
    builder = _find_builder(family)
    arguments = dict(arguments)
    parameters = _parameters(builder)
    if "n_classes" in parameters:
        arguments.setdefault("n_classes", n_classes)
    try:
        model = builder(**arguments)
    except ZollstockError:
        raise
    except (Exception, SystemExit) as error:  # the builder may be the user's own code
        raise ZollstockError(
            "models: arguments",
            f"do not fit the builder '{family}' ({_first_line(error)})",
            f"keyword arguments of ({', '.join(map(str, parameters.values()))})",
            "Correct them in the config.",
        ) from None
    if not isinstance(model, torch.nn.Module):
        raise ZollstockError(
            "models: family",
            f"'{family}' returned {type(model).__name__}",
            "a torch.nn.Module",
            "Let the function return the model.",
        )
    for name, value in [*model.named_parameters(), *model.named_buffers()]:
        if is_lazy(value):
            raise ZollstockError(
                "models: family",
                f"'{family}' returned a model whose '{name}' has no size yet",
                "a model that is built to its end",
                "Give its layers their sizes, or let the function run it once on zeros.",
            )
    return model


def _parameters(builder: Builder) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(builder).parameters
    except ValueError:  # some functions written in C have no signature
        return {}


def _first_line(error: BaseException) -> str:
    """Return what an exception of the user's code says, in one line."""
    words = next(iter(str(error).strip().splitlines()), "without a message")
    plain = isinstance(error, TypeError | ValueError | RuntimeError | ImportError | AttributeError)
    return words if plain else f"{type(error).__name__}: {words}"


def _find_builder(family: str) -> Builder:
    if family in FAMILIES:
        return FAMILIES[family]
    module = _module_of(family)
    if module is not None:
        build: Builder = module.build
        return build
    module_name, function = family.split(":", 1)
    try:
        found = attrgetter(function)(import_own(module_name))
    except (Exception, SystemExit) as error:  # importing runs the user's own code
        raise ZollstockError(
            "models: family",
            f"'{family}' cannot be imported ({_first_line(error)})",
            "module:function",
            "Put the module into the folder you run from, or install it.",
        ) from None
    if not callable(found):
        raise ZollstockError(
            "models: family", f"'{family}' is no function", "module:function", "Name a function."
        )
    return found
