"""Models of timm, by their names there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.models.extras import first_line, imported
from zollstock.models.reading import Found, read_by_name

_RESAMPLING = {"bilinear", "bicubic", "lanczos", "nearest"}
INSTALL = "pip install timm torchvision (of the same source and build as torch)"


def build(name: str, arguments: Mapping[str, Any], n_classes: int) -> nn.Module:
    """Build an untrained model.

    Raises
    ------
    ZollstockError
        If timm is not installed, or knows no such model.
    """
    timm = imported("timm", INSTALL)
    given = {"num_classes": n_classes} | dict(arguments)
    try:
        module: nn.Module = timm.create_model(name, pretrained=False, **given)
    except Exception as error:  # timm raises what its builders raise
        raise ZollstockError(
            "models: name",
            f"is '{name}', which timm {timm.__version__} does not build ({first_line(error)})",
            "the name of a model of timm, and arguments that it takes",
            did_you_mean(name.partition(".")[0], timm.list_models(), "Correct them."),
        ) from None
    return module


def read(settings: Mapping[str, Any]) -> Found:
    """Return a model with a file's weights and the preprocessing that timm has for it."""
    given, folder = settings["weights"], settings.get("folder")
    fetched = Path(folder) / "model.safetensors" if folder else None
    file = Path(given) if given else fetched
    source = given or f"timm/{settings['name']}"
    return read_by_name(settings, build, own_preprocessing, file, source)


def own_preprocessing(module: nn.Module) -> dict[str, Any]:
    """Return what timm's evaluation does to a picture."""
    data = imported("timm.data", INSTALL)
    config = data.resolve_model_data_config(module)
    channels, height, width = config["input_size"]
    share, mode = config.get("crop_pct") or 1.0, config.get("crop_mode") or "center"
    resize = config.get("interpolation", "bicubic")
    found = {
        "size": [height, width],
        "resize": resize if resize in _RESAMPLING else "bilinear",  # 'random' is of training
        "fit": "stretch" if mode == "squash" else "crop",
        "resize_to": None,
        "mean": list(config["mean"]) * (3 // len(config["mean"])),
        "std": list(config["std"]) * (3 // len(config["std"])),
        "channels": channels,
    }
    if found["fit"] == "crop" and int(height / share) > height:
        found["resize_to"] = int(height / share)
    return found
