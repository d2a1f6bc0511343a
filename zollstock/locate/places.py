"""Where a property is, at a model's input size."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.images.geometry import Geometry
from zollstock.images.table import ImageRecord
from zollstock.ledger.masks import masks_for, rendered_masks
from zollstock.locate.parts import Weights, resized
from zollstock.worlds import facts_of


def property_mask(
    record: ImageRecord,
    metered: Mapping[str, Any],
    *,
    world: str,
    size: tuple[int, int],
    geometry: Geometry,
) -> Weights | None:
    """Return where a property is in an image, weights of [0, 1], (H, W); None if it is not known.

    A meter knows its region; a latent without a meter is where the world says, at either end of
    its path: a patch that fades in is not there yet in the unedited picture.

    Parameters
    ----------
    record
        The image.
    metered
        How the property is measured: ``meter`` with ``mask``, ``fit``, ``outside``, and perhaps
        ``latent``, with its ``name`` and the ``ends`` of its path.
    world
        Name of the drawn world.
    size
        Height and width of the property's frames.
    geometry
        The model's.
    """
    facts, latent = facts_of(world), metered.get("latent")
    region, _ = facts.meters.get(metered["meter"]["meter"] or "", (None, None))
    moved = None if latent is None else facts.places.get(latent["name"])
    drawn = bool(record.latents) and size[0] == size[1]
    if moved is not None and latent is not None:
        if not drawn:
            return None
        ends = (
            rendered_masks(record, world, *size, {latent["name"]: end})[moved]
            for end in latent["ends"]
        )
        return resized(np.maximum(*ends), geometry)
    if region in facts.regions and not drawn:
        return None
    masks = masks_for(
        region,
        record,
        world=world,
        pattern=metered["meter"]["mask"],
        height=size[0],
        width=size[1],
        fit=metered["fit"],
        swapped=metered["outside"],
    )
    if masks is None:
        return None
    return resized(masks[region if region in facts.regions and region else "inside"], geometry)
