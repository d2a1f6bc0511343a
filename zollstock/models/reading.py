"""What a family makes of a model's settings: module, classes and preprocessing, checked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from zollstock.errors import ZollstockError
from zollstock.models.fitting import load_into
from zollstock.models.names import class_names, renamed, unique
from zollstock.models.weights import read_weights


@dataclass(frozen=True)
class Found:
    """A model that was read, with its weights in it.

    Attributes
    ----------
    module
        Filled.
    arguments
        What builds the same module without its files; as JSON in its card.
    classes
        Names in the order of the outputs, each once.
    preprocessing
        From an image to its input, no key missing.
    source
        Where the weights come from; None where the builder returns a ready model.
    notes
        What the user is told.
    outputs
        What it returns, where that is known: ``sigmoid``, ``similarity``. Else it is found out.
    scale
        What similarities are multiplied by before the softmax that makes probabilities of them.
    """

    module: torch.nn.Module
    arguments: dict[str, Any]
    classes: list[str]
    preprocessing: dict[str, Any]
    source: str | None = None
    notes: tuple[str, ...] = ()
    outputs: str | None = None
    scale: float = 1.0


def read_built(
    settings: Mapping[str, Any], build: Callable[[Mapping[str, Any], int], torch.nn.Module]
) -> Found:
    """Read a model that is a builder, its arguments and maybe a file of weights.

    Parameters
    ----------
    settings
        ``arguments``, ``classes``, ``preprocessing``, ``weights``, ``key``.
    build
        Of arguments and the number of classes.
    """
    classes, notes = named(settings["classes"])
    arguments = dict(settings["arguments"])
    module = build(arguments, len(classes))
    if settings["weights"]:
        notes += filled(module, Path(settings["weights"]), settings.get("key"))
    return Found(
        module,
        arguments,
        classes,
        dict(settings["preprocessing"]),
        settings["weights"],
        tuple(notes),
        settings.get("outputs"),
    )


def read_by_name(
    settings: Mapping[str, Any],
    build: Callable[..., torch.nn.Module],
    own: Callable[[torch.nn.Module], Mapping[str, Any]],
    file: Path | None,
    source: str | None,
) -> Found:
    """Return a model of a package that has builders by name.

    Parameters
    ----------
    settings
        ``name``, ``arguments``, ``classes``, ``preprocessing``, ``key`` and ``outputs``.
    build
        Of name, arguments and number of classes.
    own
        From a module to the preprocessing that the package has for it.
    file
        Its weights; None where it is trained here.
    source
        Where they come from.
    """
    classes, notes = named(settings["classes"])
    arguments = {"name": settings["name"], "arguments": dict(settings["arguments"])}
    module = build(**arguments, n_classes=len(classes))
    if file is not None:
        notes += filled(module, file, settings["key"])
    preprocessing, said = prepared(settings["preprocessing"], own(module))
    told = (*notes, *said)
    return Found(module, arguments, classes, preprocessing, source, told, settings["outputs"])


def filled(module: torch.nn.Module, given: Path, key: str | None) -> list[str]:
    """Load weights, and return what to say of them; nothing of the file stays in memory."""
    fit = load_into(module, read_weights(given), given, key)
    notes = [f"the weights are those under '{fit.name}'"] if fit.name else []
    if fit.left:
        notes += [f"{len(fit.left)} tensors of the file are no part of it, first {fit.left[0]}"]
    return notes


def named(given: str | Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the class names that settings mean, each once, and what to say of them."""
    names = class_names(given)
    return unique(names), renamed(names)


def chosen_classes(
    given: str | Sequence[str] | None, own: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the user's class names, or the model's own without any, and what to say of them.

    Raises
    ------
    ZollstockError
        If the user gives more or fewer than the model has.
    """
    if given is None:
        return unique(own), renamed(own)
    names, notes = named(given)
    if len(names) != len(own):
        raise ZollstockError(
            "models: classes",
            f"has {len(names)} names, and the model has {len(own)} outputs",
            f"{len(own)} names, in the order of the outputs",
            "Correct the names, or leave them out: the model has its own.",
        )
    own = unique(own)
    if sorted(names) == sorted(own) and names != own:
        at = next(place for place, name in enumerate(names) if name != own[place])
        notes.append(
            f"classes are in another order than the model's own: output {at} is "
            f"'{names[at]}' here and '{own[at]}' there"
        )
    return names, notes


def prepared(given: Mapping[str, Any], own: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a model's preprocessing, the user's where they gave some, and what to say of it.

    Parameters
    ----------
    given
        The settings; None is not given.
    own
        What is known from the model.
    """
    lacking = [key for key in ("mean", "std") if key not in own and given.get(key) is None]
    if lacking:
        raise ZollstockError(
            f"models: preprocessing.{lacking[0]}",
            "is not given, and the model does not say",
            "what it was trained with",
            "Give size, mean and std.",
        )
    own = {"size": None, "resize": "bilinear", "fit": "stretch", "resize_to": None, **own}
    notes = []
    for key, value in given.items():
        if value is not None and key in own and not _alike(value, own[key]):
            notes.append(f"preprocessing.{key} is {value}, though the model's own is {own[key]}")
    chosen = {key: value for key, value in given.items() if value is not None}
    # A size of one's own says nothing of what the model's was cut from.
    if "size" in chosen and "resize_to" not in chosen and not _alike(chosen["size"], own["size"]):
        own = {**own, "resize_to": None}
    return {**own, **chosen}, notes


def _alike(one: Any, two: Any) -> bool:  # noqa: ANN401
    """Return whether two settings mean the same; numbers within a thousandth."""
    if isinstance(one, int) != isinstance(two, int) and None not in (one, two):
        one, two = (value if isinstance(value, list) else [value] * 2 for value in (one, two))
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(
            abs(a - b) < 1e-3 for a, b in zip(one, two, strict=True)
        )
    return bool(one == two)
