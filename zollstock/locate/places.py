"""Where a property is, at a model's input size."""

from collections.abc import Mapping
from typing import Any

from zollstock.images.geometry import Geometry
from zollstock.images.table import ImageRecord
from zollstock.ledger.masks import masks_for
from zollstock.locate.parts import Weights, resized
from zollstock.worlds import facts_of


def property_mask(
    record: ImageRecord,
    metered: Mapping[str, Any],
    region: str | None,
    *,
    world: str,
    size: tuple[int, int],
    geometry: Geometry,
) -> Weights | None:
    """Return where a property is in an image, weights of [0, 1], (H, W); None if it is not known.

    Parameters
    ----------
    record
        The image.
    metered
        How the property is measured: ``meter`` with ``mask``, ``fit``, ``outside``.
    region
        Of its meter: one of a drawn image, or ``inside`` of a mask.
    world
        Name of the drawn world.
    size
        Height and width of the property's frames.
    geometry
        The model's.
    """
    drawn = region in facts_of(world).regions
    if drawn and (not record.latents or size[0] != size[1]):
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
    return resized(masks[region if drawn and region else "inside"], geometry)
