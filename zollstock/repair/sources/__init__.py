"""Where models may look, by source: a module each, found by its name.

A module offers ``wanted(pictures, model, settings)``, which returns maps, (N, H, W), of the model's
input size, from 0 to 1 and NaN where a picture has none; and ``CEILING``, None where maps are no
people's: what Spearman's correlation with them is divided by.
"""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.entries import find_entry
from zollstock.errors import ZollstockError
from zollstock.models.card import Model
from zollstock.models.data.base import Pictures
from zollstock.repair.wanted import Maps


def wanted_maps(pictures: Pictures, model: Model, settings: Mapping[str, Any]) -> Maps:
    """Return where each picture may be looked at, (N, H, W); NaN where nothing is known.

    Parameters
    ----------
    pictures
        Before the model's geometry.
    model
        Its geometry is used.
    settings
        ``source``, a module in here, and what else it reads.

    Raises
    ------
    ZollstockError
        As the source says.
    """
    found: Maps = find_entry(sys.modules[__name__], settings["source"]).wanted(
        pictures, model, settings
    )
    return found


def ceiling_of(settings: Mapping[str, Any]) -> float | None:
    """Return what correlations with these maps are divided by; None where they are no people's."""
    if settings["source"] == "frames":
        return None
    found = find_entry(sys.modules[__name__], settings["source"]).CEILING
    return None if found is None else float(found)


def check_enough(maps: Maps, settings: Mapping[str, Any], where: str) -> None:
    """Raise a `ZollstockError` if fewer pictures than ``least`` have a map."""
    count = int(np.isfinite(maps).all((1, 2)).sum())
    if count < settings["least"]:
        raise ZollstockError(
            settings.get("folder") or f"repair: wanted: {settings['source']}",
            f"holds maps of {count} of the {len(maps)} training pictures of {where}",
            f"{settings['least']} at least (wanted.least)",
            "Add maps, lower repair.images, so that fewer others are taken, or lower least.",
        )
