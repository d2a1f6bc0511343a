"""Occlusion (Zeiler & Fergus 2014): a window that slides over the picture. Needs no gradients."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.locate.baselines import baseline, rng_of
from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps

_PART = 32


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return for each pixel the mean fall of the output over the windows that cover it.

    Parameters
    ----------
    model, frames
        See `zollstock.locate.gradients`.
    settings
        ``window``: its side in pixels, None for an eighth of the shorter side; ``stride``, None
        for half a window; ``baseline`` and ``blur``: what is put in. The last window of a row
        or column may be cut off at the edge.
    seed
        Of the study, for a baseline of noise.
    """
    height, width = frames.shape[1:3]
    window = settings.get("window") or max(1, round(min(height, width) / 8))
    stride = min(settings.get("stride") or max(1, window // 2), window)
    rows, columns = (window_starts(side, window, stride) for side in (height, width))
    places = [(y, x) for y in rows for x in columns]
    maps = []
    for frame, pixels in zip(frames, model.pixels(frames), strict=True):
        fill = baseline(
            settings["baseline"], pixels, rng_of(frame, "occlusion", seed), settings["blur"]
        )
        whole = float(model.values(pixels[None])[0])
        fall, count = np.zeros((height, width)), np.zeros((height, width))
        for first in range(0, len(places), _PART):
            these = places[first : first + _PART]
            batch = pixels.repeat(len(these), 1, 1, 1)
            for row, (y, x) in zip(batch, these, strict=True):
                row[y : y + window, x : x + window] = fill[y : y + window, x : x + window]
            for (y, x), value in zip(these, model.values(batch), strict=True):
                fall[y : y + window, x : x + window] += whole - value
                count[y : y + window, x : x + window] += 1
        maps.append((fall / count).astype(np.float32))
    return np.stack(maps)


def window_starts(side: int, window: int, stride: int) -> range:
    """Return where windows begin, so that they cover the side."""
    return range(0, max(side - window, 0) + stride, stride)
