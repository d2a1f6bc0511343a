"""Where a drawn picture shows what a model may look at: the world's own masks."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.models.card import Model
from zollstock.models.data.base import Pictures
from zollstock.repair.wanted import Maps
from zollstock.worlds import get_world

CEILING = None
_AT_ONCE = 256


def wanted(pictures: Pictures, model: Model, settings: Mapping[str, Any]) -> Maps:
    """Return the share of each pixel that is of the named parts, or of all but these.

    Parameters
    ----------
    pictures
        With latents.
    model
        Its geometry is used.
    settings
        ``only`` or ``all_but``: regions and parts of the world ``world``, of which ``name`` and
        ``size`` are read.
    """
    told = settings["world"]
    world, names = get_world(told["name"]), settings["only"] or settings["all_but"]
    found = []
    for start in range(0, len(pictures.labels), _AT_ONCE):
        latents = {key: one[start : start + _AT_ONCE] for key, one in pictures.latents.items()}
        drawn = world.render(latents, size=told["size"], masks=True, parts=True)
        whole = dict(zip(world.part_names, drawn.parts.swapaxes(0, 1), strict=True))
        whole |= drawn.regions
        # A part that lies in a named region counts once.
        share = np.max([whole[name] for name in names], axis=0)
        share = share if settings["only"] else 1 - share
        found += [model.geometry.apply_to_weights(one) for one in share]
    return np.stack(found)
