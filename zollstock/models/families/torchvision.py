"""Classifiers of torchvision, by their names there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.models.extras import first_line, imported
from zollstock.models.reading import Found, read_by_name

INSTALL = "pip install torchvision (of the same source and build as torch)"


def build(name: str, arguments: Mapping[str, Any], n_classes: int) -> nn.Module:
    """Build an untrained model.

    Raises
    ------
    ZollstockError
        If torchvision is not installed, or knows no such model.
    """
    models = imported("torchvision.models", INSTALL)
    known = models.list_models(module=models)
    if name not in known:
        raise ZollstockError(
            "models: name",
            f"is '{name}', which torchvision does not know",
            "the name of a classifier of torchvision",
            did_you_mean(name, known),
        )
    given = {"num_classes": n_classes} | dict(arguments)
    try:
        module: nn.Module = models.get_model(name, weights=None, **given)
    except Exception as error:  # torchvision raises what its builders raise
        raise ZollstockError(
            "models: arguments",
            f"do not fit torchvision's {name} ({first_line(error)})",
            "keyword arguments of its builder",
            "Correct them.",
        ) from None
    return module


def read(settings: Mapping[str, Any]) -> Found:
    """Return a model with a file's weights and the preprocessing of torchvision's own weights."""
    given = settings["weights"]

    def own(_: nn.Module) -> dict[str, Any]:
        return own_preprocessing(settings["name"], settings["preset"])

    return read_by_name(settings, build, own, Path(given) if given else None, given)


def own_preprocessing(name: str, preset: str | None) -> dict[str, Any]:
    """Return the preprocessing that belongs to weights of torchvision; nothing is downloaded."""
    models = imported("torchvision.models", INSTALL)
    weights = models.get_model_weights(name)
    if preset is not None and preset not in weights.__members__:
        raise ZollstockError(
            "models: preset",
            f"is '{preset}', which {name} does not have",
            f"one of {', '.join(weights.__members__)}",
            did_you_mean(preset, list(weights.__members__)),
        )
    chosen = weights[preset] if preset is not None else weights.DEFAULT
    of = chosen.transforms()
    side = of.crop_size[0]
    return {
        "size": [side, side],
        "resize": of.interpolation.value,
        "fit": "crop",
        "resize_to": of.resize_size[0],
        "mean": list(of.mean),
        "std": list(of.std),
        "channels": 3,
    }
