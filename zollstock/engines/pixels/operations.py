"""All operations on pixels by name, and how they are applied: the one place that others ask.

An operation is a pure function ``operation(image, values, seed) -> frames`` of a picture, uint8,
(H, W, 3), and values of its knob, (S,), to frames, uint8, (S, H, W, 3). `edited` calls it: at 0
the frame is the picture to the byte, equal arguments give equal bytes, and what is drawn (the
field of noise) hangs on the seed alone, not on the values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.engines.pixels import light, warps
from zollstock.engines.pixels.knobs import KNOBS, ZERO, Knob
from zollstock.engines.pixels.light import Frames, Picture, Values, Weights, quantised

__all__ = ["OPERATIONS", "ZERO", "Operation", "blended", "edited"]

FUNCTIONS: dict[str, Callable[..., Frames]] = {
    "brightness": light.brightness,
    "contrast": light.contrast,
    "gamma": light.gamma,
    "saturation": light.saturation,
    "hue": light.hue,
    "temperature": light.temperature,
    "grey": light.grey,
    "blur": light.blur,
    "sharpness": light.sharpness,
    "noise": light.noise,
    "jpeg": light.jpeg,
    "pixelate": light.pixelate,
    **{name: partial(warps.moved, name) for name in warps.INWARD},
}


@dataclass(frozen=True, kw_only=True)
class Operation(Knob):
    """A knob and what turns it.

    Attributes
    ----------
    function
        ``function(image, values, seed, where)``, and for those that move things ``towards`` and
        ``corners``; it need not keep the byte at 0, `edited` does.
    """

    function: Callable[..., Frames]


OPERATIONS: dict[str, Operation] = {
    name: Operation(**asdict(KNOBS[name]), function=function)
    for name, function in FUNCTIONS.items()
}
"""Operations by name; see `zollstock.engines.pixels.knobs.Knob` for what each entry tells."""


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


def recipe_of(name: str, values: Values, seed: int, **options: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return how `edited` frames without a mask are made again, JSON-able."""
    named = {"operation": name, "values": values.tolist(), "seed": int(seed), "options": options}
    return {"maker": "edited"} | named


def remade(recipe: Mapping[str, Any], unedited: Picture) -> Frames:
    """Return the frames of a recipe again, (S, H, W, 3), from the photograph."""
    options = recipe["options"]
    return edited(recipe["operation"], unedited, recipe["values"], recipe["seed"], **options)


def blended(image: Picture, made: Frames, weights: npt.NDArray[np.floating]) -> Frames:
    """Return (1 − w) · picture + w · frame, for weights (H, W), (S, 1, 1) or (S, H, W)."""
    share = np.asarray(weights, dtype=np.float32)[..., None]
    shares = np.broadcast_to(share, (len(made), *share.shape[-3:]))
    still = image.astype(np.float32)
    return np.stack(
        [quantised(still + w * (frame - still)) for frame, w in zip(made, shares, strict=True)]
    )
