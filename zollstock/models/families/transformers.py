"""Image classifiers of transformers, from a folder that ``save_pretrained`` wrote."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from zollstock.errors import ZollstockError
from zollstock.models.extras import first_line
from zollstock.models.names import in_order
from zollstock.models.pretrained import config_of, load, plain_config
from zollstock.models.processor import own_preprocessing, read_folder_config
from zollstock.models.reading import Found, chosen_classes, prepared


def build(config: Mapping[str, Any]) -> nn.Module:
    """Build an untrained model of the architecture that a config describes."""
    from transformers import AutoModelForImageClassification

    return AutoModelForImageClassification.from_config(config_of(config)).float()


def read(settings: Mapping[str, Any]) -> Found:
    """Return a checkpoint's model, with its own class names and preprocessing."""
    from transformers import AutoModelForImageClassification

    folder = Path(settings["folder"])
    config = read_folder_config(folder)
    module = load(AutoModelForImageClassification, folder)
    config = plain_config(module)
    own = _labels(folder, config)
    classes, notes = chosen_classes(settings["classes"], own)
    known, more = own_preprocessing(folder, int(config.get("num_channels", 3)))
    preprocessing, said = prepared(settings["preprocessing"], known)
    several = config.get("problem_type") == "multi_label_classification"
    return Found(
        module,
        {"config": config},
        classes,
        preprocessing,
        settings["checkpoint"],
        (*notes, *more, *said),
        settings.get("outputs") or ("sigmoid" if several else None),
    )


def _labels(folder: Path, config: Mapping[str, Any]) -> list[str]:
    try:
        return [str(name) for name in in_order(config.get("id2label") or {})]
    except ValueError as error:
        raise ZollstockError(
            folder / "config.json",
            f"has an id2label that cannot be read ({first_line(error)})",
            "index: name",
            "Name the model's classes.",
        ) from None
