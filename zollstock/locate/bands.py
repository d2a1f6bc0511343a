"""What maps of placebo paths of an image say of its map: the band within which nothing is found.

A map's sum is a change of the output, so that its absolute values, and what of them lies in a mask,
are in the output's own unit and can be compared between edits and placebos of equal size.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError

Part = Literal["absolute", "positive", "negative", "signed"]
QUANTILES = (0.5, 0.95)


@dataclass(frozen=True)
class Band:
    """Mean, spread and quantiles over the placebo paths of one image.

    Attributes
    ----------
    count
        How many placebos there are.
    mean, sd
        Over placebos, of |map| a pixel (H, W), or of a mass (). The deviation is that of a sample,
        NaN for a single placebo.
    levels
        Which quantiles.
    quantiles
        Shape (Q, H, W) or (Q,).
    """

    count: int
    mean: Array
    sd: Array
    levels: tuple[float, ...]
    quantiles: Array

    def units(self, value: npt.ArrayLike) -> Array:
        """Return (value − mean) / sd; NaN where the placebos do not differ."""
        apart = np.asarray(value, np.float64) - self.mean
        return np.divide(apart, self.sd, out=np.full(apart.shape, np.nan), where=self.sd > 0)


def map_band(maps: Iterable[npt.ArrayLike], levels: Sequence[float] = QUANTILES) -> Band:
    """Return the band of |map| in every pixel.

    Parameters
    ----------
    maps
        Of the placebo paths of one image, (H, W) each; one at least.
    levels
        Quantiles, 0 to 1.
    """
    return _band([np.abs(np.asarray(one, np.float64)) for one in maps], levels)


def mass_band(
    maps: Iterable[npt.ArrayLike],
    mask: npt.ArrayLike,
    part: Part = "absolute",
    levels: Sequence[float] = QUANTILES,
) -> Band:
    """Return the band of `mass` inside a mask; arguments as there and in `map_band`."""
    return _band([np.asarray(mass(one, mask, part)) for one in maps], levels)


def mass(values: npt.ArrayLike, mask: npt.ArrayLike, part: Part = "absolute") -> float:
    """Return how much of a map lies inside a mask, in the map's unit.

    Parameters
    ----------
    values
        A map, (H, W).
    mask
        Weight of each pixel, 0 to 1, (H, W).
    part
        Sum of the ``absolute`` values, of the ``positive`` part, of the ``negative`` part (as a
        positive number), or of the values as they are (``signed``).

    Raises
    ------
    ZollstockError
        If map and mask differ in shape.

    Notes
    -----
    NaN of a map with pixels that have no value: how much of it lies there is not known.
    """
    signed, weight = np.asarray(values, np.float64), np.asarray(mask, np.float64)
    if signed.shape != weight.shape:
        raise ZollstockError(
            "mask",
            f"has shape {weight.shape}, and the map {signed.shape}",
            "one weight a pixel",
            "Bring the mask to the model's input size.",
        )
    return float((_part(signed, part) * weight).sum())


def share_inside(values: npt.ArrayLike, mask: npt.ArrayLike, part: Part = "absolute") -> float:
    """Return `mass` inside a mask over that of the whole map; NaN where that is 0 or not known."""
    whole = mass(values, np.ones(np.shape(values)), part)
    return mass(values, mask, part) / whole if whole else float("nan")


def _part(signed: Array, part: Part) -> Array:
    if part == "absolute":
        return np.abs(signed)
    if part == "signed":
        return signed
    return np.maximum(signed if part == "positive" else -signed, 0.0)


def _band(rows: list[Array], levels: Sequence[float]) -> Band:
    if not rows:
        raise ZollstockError(
            "placebos", "has no path", "at least 1", "Give the property placebos, or leave it out."
        )
    stack = np.stack(rows)
    sd = stack.std(0, ddof=1) if len(rows) > 1 else np.full(stack.shape[1:], np.nan)
    return Band(
        len(rows),
        stack.mean(0),
        np.asarray(sd),
        tuple(levels),
        np.quantile(stack, list(levels), axis=0),
    )
