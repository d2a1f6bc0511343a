"""The parts of a drawn picture, at a model's input size."""

from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.images.geometry import Geometry
from zollstock.images.table import ImageRecord, latents_of
from zollstock.worlds import get_world

Weights = npt.NDArray[np.float32]


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
    # The first is the background, which a model's padding belongs to: it is there in any case.
    seen = [place for place, share in enumerate(shares) if not place or float(share.sum()) >= 0.5]
    return [drawn.part_names[place] for place in seen], weights_for(geometry, shares[seen])


def weights_for(geometry: Geometry, weights: npt.ArrayLike) -> Weights:
    """Return shares of parts, (K, H, W), as a model sees the frames: made to sum to 1 again.

    What the model pads with belongs to the first part, the background of the drawn worlds.
    """
    fitted = resized(np.asarray(weights, np.float32), geometry)
    fitted[0] += fitted.sum(0) == 0
    return np.asarray(fitted / fitted.sum(0), np.float32)


def resized(weights: npt.NDArray[np.floating[Any]], geometry: Geometry) -> Weights:
    """Return weights of frames, (H, W) or several, as a model sees the frames; 0 where it pads.

    Where frames are resized, weights pass through 8 bits as pixels do.
    """
    if geometry.leaves(*weights.shape[-2:]):
        return np.array(weights, np.float32)
    return geometry.apply_to_weights(weights)
