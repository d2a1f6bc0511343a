"""Maps that were written to be painted on, and painted; see `zollstock.jobs.write_maps`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zollstock.models.card import Model
from zollstock.models.data.base import Pictures
from zollstock.repair.named_maps import input_size, named_maps
from zollstock.repair.wanted import Maps, read_map

CEILING = 1.0


def wanted(pictures: Pictures, model: Model, settings: Mapping[str, Any]) -> Maps:
    """Return painted maps, which are as large as the model's input.

    Parameters
    ----------
    pictures
        Whose names the files' are.
    model
        Its geometry is used.
    settings
        ``folder``.
    """
    size = input_size(pictures, model)
    return named_maps(
        Path(settings["folder"]), pictures, model, lambda file, place: read_map(file, *size)
    )
