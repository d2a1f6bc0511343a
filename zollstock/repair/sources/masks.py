"""Mask pictures of the user's, each as large as the picture that it is named after."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zollstock.models.card import Model
from zollstock.models.data.base import Pictures
from zollstock.repair.named_maps import named_maps
from zollstock.repair.wanted import Maps, read_map

CEILING = 1.0


def wanted(pictures: Pictures, model: Model, settings: Mapping[str, Any]) -> Maps:
    """Return masks as a model sees its picture.

    Parameters
    ----------
    pictures
        Whose names the files' are.
    model
        Its geometry is used.
    settings
        ``folder``; ``white``, which says what is white: where a model ``may`` look, or ``may_not``.
    """

    def read(file: Path, place: int) -> Maps:
        height, width = pictures.read(place).shape[:2]
        mask = read_map(file, height, width)
        return model.geometry.apply_to_weights(mask if settings["white"] == "may" else 1 - mask)

    return named_maps(Path(settings["folder"]), pictures, model, read)
