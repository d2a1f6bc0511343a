"""Where a property is and where the parts of a drawn picture are, at a model's input size."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.images.geometry import Geometry
from zollstock.images.table import ImageRecord, latents_of
from zollstock.ledger.masks import masks_for
from zollstock.worlds import get_world

Weights = npt.NDArray[np.float32]


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
        Of its meter: ``fur`` or ``background`` of a drawn image, or ``inside`` of a mask.
    world
        Name of the drawn world.
    size
        Height and width of the property's frames.
    geometry
        The model's.
    """
    drawn = region in {"fur", "background"}
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


def parts_of(
    record: ImageRecord, *, world: str, size: tuple[int, int], geometry: Geometry
) -> tuple[list[str], Weights] | None:
    """Return the parts of a drawn picture: their names, and their shares of each pixel, (K, H, W).

    Shares sum to one. Parts that cannot be seen in this picture are left out. None for an image
    that was not drawn, or frames that are not square.
    """
    if not record.latents or size[0] != size[1]:
        return None
    drawn = get_world(world)
    shares = drawn.render(latents_of([record]), size=size[0], masks=False, parts=True).parts[0]
    seen = [place for place, share in enumerate(shares) if float(share.sum()) >= 0.5]
    names = [drawn.part_names[place] for place in seen]
    found = np.stack([resized(shares[place], geometry) for place in seen])
    return names, found / np.maximum(found.sum(0), 1e-6)


def resized(weights: npt.NDArray[np.floating[Any]], geometry: Geometry) -> Weights:
    """Return weights of frames as a model sees the frames, in 255 steps."""
    grey = np.repeat(np.round(weights * 255).astype(np.uint8)[..., None], 3, axis=-1)
    return np.asarray(geometry.apply(grey[None])[0, ..., 0] / np.float32(255), np.float32)
