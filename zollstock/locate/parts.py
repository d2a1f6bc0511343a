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
    seen = [place for place, share in enumerate(shares) if float(share.sum()) >= 0.5]
    names = [drawn.part_names[place] for place in seen]
    found = np.stack([resized(shares[place], geometry) for place in seen])
    return names, found / np.maximum(found.sum(0), 1e-6)


def resized(weights: npt.NDArray[np.floating[Any]], geometry: Geometry) -> Weights:
    """Return weights of frames as a model sees the frames, in 255 steps."""
    grey = np.repeat(np.round(weights * 255).astype(np.uint8)[..., None], 3, axis=-1)
    return np.asarray(geometry.apply(grey[None])[0, ..., 0] / np.float32(255), np.float32)
