"""Where in a picture a property is: the renderer's masks, or one that the user painted."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError
from zollstock.images.masks import Weights, mask_of
from zollstock.images.table import ImageRecord, check_drawn, latents_of
from zollstock.worlds import facts_of, get_world

MaskSet = Mapping[str, Weights]
"""Regions by name, each a weight per pixel in [0, 1], shape (H, W): those of the world of a drawn
image, or `inside` and `outside` of a painted mask."""

CLEAR = 0.02
"""Up to this weight a pixel counts as showing nothing of a region: five grey levels of 255."""


def rendered_masks(
    image: ImageRecord,
    world: str,
    height: int,
    width: int,
    latents: Mapping[str, float] = MappingProxyType({}),
) -> MaskSet:
    """Return the regions of a drawn image, from its latents.

    The masks are those of the unedited image. An edit that moves something is measured where
    it was.

    Parameters
    ----------
    image
        The image.
    world
        Name of the drawn world.
    height, width
        Of the frames in pixels.
    latents
        Those that are set to other values than the image's.

    Raises
    ------
    ZollstockError
        If the image has no latents, or the frames are not square as the world's pictures are.
    """
    check_drawn(
        [image], "Measure photographs with `meter: luminance` and a mask, or with `clip_direction`."
    )
    if height != width:
        raise ZollstockError(
            f"image {image.id}",
            f"has frames of {height}×{width} pixels",
            "square frames, as the renderer's masks are",
            "Set the property's size to equal height and width.",
        )
    known, found = latents_of([image]), get_world(world)
    for name, value in latents.items():
        known = found.do(known, name, value)
    drawn = found.render(known, size=height)
    return {name: weights[0] for name, weights in drawn.regions.items()}


def read_mask(
    pattern: str, image: ImageRecord, height: int, width: int, fit: str = "crop"
) -> MaskSet:
    """Return `inside` and `outside` of a painted mask; see `zollstock.images.masks.mask_of`."""
    inside = mask_of(pattern, image, height, width, fit)
    return {"inside": inside, "outside": 1 - inside}


def masks_for(
    region: str | None,
    image: ImageRecord,
    *,
    world: str,
    pattern: str | None,
    height: int,
    width: int,
    fit: str = "crop",
    swapped: bool = False,
) -> MaskSet | None:
    """Return the masks that hold a meter's region, or None if there are none to be had.

    Parameters
    ----------
    region
        The meter's `region`; None without a meter.
    image
        The image.
    world
        Name of the drawn world.
    pattern
        The property's `mask`, or None.
    height, width
        Of the frames in pixels.
    fit
        How the image was brought to that size.
    swapped
        Whether the property is where the painted mask is black.
    """
    if region in facts_of(world).regions:
        return rendered_masks(image, world, height, width)
    if pattern is None:
        return None
    masks = read_mask(pattern, image, height, width, fit)
    return {"inside": masks["outside"], "outside": masks["inside"]} if swapped else masks


def region_of(masks: MaskSet, region: str, frames: npt.NDArray[np.uint8]) -> Weights:
    """Return one region's weights, (H, W), checked against frames (S, H, W, 3).

    Raises
    ------
    ZollstockError
        If the region is not there or the sizes differ.
    """
    if region not in masks:
        raise ZollstockError(
            f"mask of {region}",
            "is missing",
            f"a mask set with {region}",
            "Give the property a mask, or choose another meter.",
        )
    weights = masks[region]
    if weights.shape != frames.shape[1:3]:
        raise ZollstockError(
            f"mask of {region}",
            f"has shape {weights.shape}",
            f"{frames.shape[1:3]}, height and width of the frames",
            "Make the mask at the size of the frames.",
        )
    return weights
