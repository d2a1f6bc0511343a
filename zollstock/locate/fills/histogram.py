"""A colour of the picture for each sample, as often as the picture has it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.locate.context import Context
from zollstock.locate.fills import Fill, colours


def fill(
    image: npt.NDArray[np.uint8],
    labels: Indices,
    settings: Mapping[str, Any],
    rng: np.random.Generator,
    context: Context,
) -> Fill:
    """Return colours of the picture, one of which is drawn for each sample.

    The cube of colours is cut into 8×8×8 bins. A bin is drawn by its share of the pixels, and its
    colour is the median of each channel over its pixels, which belongs to the bin.
    """
    pixels = image.reshape(-1, 3)
    bins = (pixels.astype(np.intp) // 32) @ (64, 8, 1)
    order = np.argsort(bins, kind="stable")
    _, first, sizes = np.unique(bins[order], return_index=True, return_counts=True)
    parts = np.split(pixels[order], first[1:])
    medians = np.stack([np.median(part, axis=0) for part in parts])
    chosen = rng.choice(len(sizes), size=context.samples, p=sizes / sizes.sum())
    return Fill(colours(medians), chosen)
