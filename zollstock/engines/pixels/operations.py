"""All operations on pixels by name, and how they are applied: the one place that others ask.

An operation is a pure function ``operation(image, values, seed) -> frames`` of a picture, uint8,
(H, W, 3), and values of its knob, (S,), to frames, uint8, (S, H, W, 3). `edited` calls it: at 0
the frame is the picture to the byte, equal arguments give equal bytes, and what is drawn (the
field of noise) hangs on the seed alone, not on the values.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.engines.pixels import light, warps
from zollstock.engines.pixels.light import Frames, Picture, Values, Weights, quantised

ZERO = 0.0
"""Value of every knob at which the frame is the picture."""


@dataclass(frozen=True)
class Operation:
    """One knob.

    Attributes
    ----------
    function
        ``function(image, values, seed, where)``, and for those that move things ``towards`` and
        ``corners``; it need not keep the byte at 0, `edited` does.
    start, stop
        Range that makes sense by default. It reaches what anyone would notice, and a photograph
        is still the same one.
    least, most
        The values that there are.
    unit
        Of the values, for messages and axes.
    meaning
        What the values mean, in a few words.
    moves
        Whether things move: a mask cannot hold them, and something comes in from outside.
    """

    function: Callable[..., Frames]
    start: float
    stop: float
    least: float
    most: float
    unit: str
    meaning: str
    moves: bool = False

    @property
    def two_sided(self) -> bool:
        """Return whether the knob has two sides of 0."""
        return self.start < ZERO < self.stop


OPERATIONS: dict[str, Operation] = {
    "brightness": Operation(
        light.brightness, -0.8, 0.8, -1, 10, "", "channels × (1 + value): −1 is black"
    ),
    "contrast": Operation(
        light.contrast, -0.8, 0.8, -1, 10, "", "distance from the mean × (1 + value): −1 is flat"
    ),
    "gamma": Operation(
        light.gamma, -1.5, 1.5, -6, 6, "stops", "channels to the power 2^−value: above 0 lighter"
    ),
    "saturation": Operation(
        light.saturation, -1, 1, -1, 10, "", "distance from grey × (1 + value): −1 is grey"
    ),
    "hue": Operation(light.hue, -90, 90, -360, 360, "degrees", "colours turn about grey"),
    "temperature": Operation(
        light.temperature, -100, 100, -110, 400, "mired", "light of a black body: above 0 warmer"
    ),
    "grey": Operation(light.grey, 0, 1, 0, 1, "", "blended into grey: 1 is grey"),
    "blur": Operation(light.blur, 0, 6, 0, 200, "pixels", "standard deviation of a Gaussian"),
    "sharpness": Operation(
        light.sharpness, -1, 3, -1, 20, "", "details × (1 + value): −1 is soft, above 0 sharper"
    ),
    "noise": Operation(
        light.noise, 0, 0.2, -2, 2, "of white", "standard deviation; one field, scaled"
    ),
    "jpeg": Operation(light.jpeg, 0, 96, 0, 99, "", "compressed at the quality 100 − value"),
    "pixelate": Operation(light.pixelate, 0, 32, 0, 1024, "pixels", "side of blocks"),
    "rotate": Operation(
        warps.rotate, -45, 45, -360, 360, "degrees", "turned anticlockwise", moves=True
    ),
    "translate": Operation(
        warps.translate, -32, 32, -4096, 4096, "pixels", "shifted in the direction towards", True
    ),
    "scale": Operation(warps.scale, -0.8, 0.8, -3, 3, "octaves", "enlarged by 2^value", True),
    "shear": Operation(warps.shear, -24, 24, -75, 75, "degrees", "the top leans to towards", True),
    "perspective": Operation(
        warps.perspective, -0.4, 0.4, -0.6, 0.6, "", "tilted, the side towards recedes", True
    ),
}
"""Operations by name. Of all of them the picture itself is at 0."""


def edited(
    name: str,
    image: Picture,
    values: Sequence[float] | npt.NDArray[np.floating],
    seed: int = 0,
    *,
    mask: Weights | None = None,
    **options: Any,  # noqa: ANN401
) -> Frames:
    """Return a picture under an operation, a frame for each value.

    Parameters
    ----------
    name
        A key of `OPERATIONS`.
    image
        uint8, shape (H, W, 3).
    values
        Of the knob, (S,), within its `least` and `most`.
    seed
        Of what is drawn.
    mask
        Weights, (H, W), in [0, 1]: the frame is 1 − w of the picture and w of the edit. All of
        the picture is edited by default.
    **options
        ``towards`` and ``corners`` of operations that move things; see
        `zollstock.engines.pixels.warps`.

    Returns
    -------
    ndarray of uint8, shape (S, H, W, 3)

    Raises
    ------
    ValueError
        If a value is out of the knob's range.
    """
    operation = OPERATIONS[name]
    knob: Values = np.asarray(values, dtype=np.float64).reshape(-1)
    if len(knob) and not (operation.least <= knob.min() and knob.max() <= operation.most):
        raise ValueError(f"{name} goes from {operation.least:g} to {operation.most:g}")
    frames = np.empty((len(knob), *image.shape), np.uint8)
    moved = knob != ZERO
    frames[~moved] = image
    if moved.any():
        made = operation.function(image, knob[moved], seed, mask, **options)
        frames[moved] = made if mask is None else blended(image, made, mask)
    return frames


def blended(image: Picture, made: Frames, weights: npt.NDArray[np.floating]) -> Frames:
    """Return (1 − w) · picture + w · frame, for weights (H, W) or (S, 1, 1)."""
    share = np.asarray(weights, dtype=np.float32)[..., None]
    shares = np.broadcast_to(share, (len(made), *share.shape[-3:]))
    still = image.astype(np.float32)
    return np.stack(
        [quantised(still + w * (frame - still)) for frame, w in zip(made, shares, strict=True)]
    )
