"""Frames that are made again when they are read: recipes, a few numbers in place of pictures.

A recipe is JSON. Its ``maker`` is a key of `MAKERS`, and the module of that name has
``remade(recipe, unedited)``, a pure function of the recipe and of the unedited picture. It must
give equal bytes on every machine: whoever reads frames compares their checksum. So makers compute
in 64 bits or whole numbers, where a last digit that differs between processors changes no grey
level, and a checksum that differs is told as such.
"""

import importlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError

MAKERS = {
    "edited": "zollstock.engines.pixels.operations",
    "disturbed": "zollstock.engines.placebos.disturbed",
}
"""Maker → its module. It is imported when a recipe names it; what it imports is in every
environment that reads frames (`zollstock.generator.environments`)."""


def written(recipe: Mapping[str, Any]) -> str:
    """Return a recipe as it is kept; numbers come back to the last digit."""
    return json.dumps(recipe, separators=(",", ":"), allow_nan=False)


def made_again(text: str, unedited: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the frames of a recipe, uint8, (S, H, W, 3).

    Parameters
    ----------
    text
        Of `written`.
    unedited
        The picture that they start from, uint8, (H, W, 3).

    Raises
    ------
    ZollstockError
        If this version has no such maker.
    """
    recipe = json.loads(text)
    maker = recipe["maker"]
    if maker not in MAKERS:
        raise ZollstockError(
            "recipe",
            f"is one for '{maker}'",
            f"one of {', '.join(MAKERS)}",
            "Read these results with the version that made them.",
        )
    found: npt.NDArray[np.uint8] = importlib.import_module(MAKERS[maker]).remade(recipe, unedited)
    return found
