"""Meters: how much of a property a frame shows, as one number per frame."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.images.luma import LUMA
from zollstock.images.masks import CORE, Weights
from zollstock.ledger.base import Frames, Meter, Series
from zollstock.ledger.masks import MaskSet, region_of
from zollstock.worlds import facts_of


@dataclass(frozen=True)
class RegionLuminance:
    """Mean luminance of a region, and beside it that of another one.

    value_s = Σ w·Y_s / Σ w over the pixels with w > ½, Y the luminance in [0, 1] and w the
    region's weight.

    Parameters
    ----------
    name
        Key in the registry.
    region
        The region that is measured.
    other
        The region that should stay as it is.
    """

    name: str
    region: str
    other: str

    def values(self, frames: Frames, zero: int, masks: MaskSet | None) -> Series:
        """Return the region's luminance, (S,)."""
        weights = region_of(masks or {}, self.region, frames)
        if not (weights > CORE).any():
            raise ZollstockError(
                f"meter {self.name}",
                f"finds no {self.region} in the mask",
                f"at least one pixel that shows mainly {self.region}",
                "Use a larger mask or larger frames, or leave this image out.",
            )
        return mean_luminance(frames, weights)

    def off_target(self, frames: Frames, masks: MaskSet | None) -> Series:
        """Return the other region's luminance, (S,); NaN if the picture shows none of it."""
        return mean_luminance(frames, region_of(masks or {}, self.other, frames))


def mean_luminance(frames: Frames, weights: Weights) -> Series:
    """Return the weighted mean luminance per frame, in [0, 1]; see `RegionLuminance`.

    Parameters
    ----------
    frames
        uint8, shape (S, H, W, 3).
    weights
        Shape (H, W). Pixels of weight up to ½ do not count; NaN if none is left.
    """
    core = weights > CORE
    if not core.any():
        return np.full(len(frames), np.nan)
    share = weights[core].astype(np.float64)
    share /= share.sum()
    # Frame by frame: a float64 copy of a whole path would take eight times its memory.
    return np.array([share @ frame[core] @ LUMA / 255 for frame in frames])


def _clip_direction(**settings: Any) -> Meter:  # noqa: ANN401
    # Imported when asked for: transformers takes seconds to load.
    from zollstock.ledger.clip import ClipDirection

    return ClipDirection(**settings)


METERS: dict[str, Callable[..., Meter]] = {
    "luminance": lambda: RegionLuminance("luminance", "inside", "outside"),
    "clip_direction": _clip_direction,
}
"""Constructors of meters by name; a drawn world has further ones, named after its latents."""


def make_meter(name: str, world: str | None = None, **settings: Any) -> Meter:  # noqa: ANN401
    """Construct a meter.

    Parameters
    ----------
    name
        A key of `METERS`, or a latent of the world's `meters`.
    world
        Name of the drawn world, if the images are drawn.
    **settings
        For `clip_direction` those of `zollstock.ledger.clip.ClipDirection`; the others take
        none.

    Raises
    ------
    ZollstockError
        If there is no such meter.
    """
    drawn = facts_of(world).meters if world else {}
    if name in drawn:
        return RegionLuminance(name, *drawn[name])
    known = [*drawn, *METERS]
    if name not in known:
        raise ZollstockError(
            "meter",
            f"is '{name}'",
            f"one of {', '.join(known)}",
            did_you_mean(name, known, "Choose one of these."),
        )
    return METERS[name](**settings)
