"""What is around, painted on (biharmonic; Damelin & Hoang 2018)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Flags, Indices
from zollstock.locate.context import Context
from zollstock.locate.fills import Fill

_RIM = 6
"""Pixels around a segment that are looked at; the equations reach two."""


def fill(
    image: npt.NDArray[np.uint8],
    labels: Indices,
    settings: Mapping[str, Any],
    rng: np.random.Generator,
    context: Context,
) -> Fill:
    """Return what is painted from the pixels around.

    ``of: segment`` paints each segment once, as if it alone were missing; where its neighbours
    are missing too, what was there still shows in it. ``of: sample`` paints what each sample
    takes away as a whole, where its mask is below one half: a system of equations with as many
    unknowns as pixels are missing, a quarter of a second for half of 224×224 pixels, which is
    several times what most models cost. Where everything is missing, the mean colour is put in.
    """
    if settings["of"] == "sample":
        return Fill(image[None].astype(np.float32), paint=lambda mask: _painted(image, mask < 0.5))
    made = image.astype(np.float32)
    for label in range(int(labels.max()) + 1):
        own = labels == label
        made[own] = _around(image, own)
    return Fill(made[None])


def _painted(image: npt.NDArray[np.uint8], missing: Flags) -> npt.NDArray[np.float32]:
    """Return a picture whose missing pixels are painted, float32 of 0 … 255."""
    if missing.all():
        return np.broadcast_to(image.mean((0, 1)), image.shape).astype(np.float32)
    if not missing.any():
        return image.astype(np.float32)
    from skimage.restoration import inpaint_biharmonic

    known = np.where(missing[..., None], 0.0, image / 255)
    painted = inpaint_biharmonic(known, missing, channel_axis=-1)
    return (np.clip(painted, 0, 1) * 255).astype(np.float32)


def _around(image: npt.NDArray[np.uint8], missing: Flags) -> npt.NDArray[np.float32]:
    """Return the painted pixels of one segment, (pixels, 3), from a window that holds it."""
    rows, columns = (np.flatnonzero(missing.any(axis)) for axis in (1, 0))
    window = tuple(slice(max(side[0] - _RIM, 0), side[-1] + 1 + _RIM) for side in (rows, columns))
    if missing[window].all():
        window = (slice(None), slice(None))
    return _painted(image[window], missing[window])[missing[window]]
