"""Occlusion (Zeiler & Fergus 2014): a window that slides over the picture. First order."""

from collections.abc import Mapping
from typing import Any

import torch

from zollstock.locate.gradients.occlusion import window_starts
from zollstock.repair.explained import Explained, Given, rounds

DEFAULTS: dict[str, Any] = {"window": None, "stride": None}
_PART = 32


def attribute(
    explained: Explained, inputs: torch.Tensor, settings: Mapping[str, Any], given: Given
) -> torch.Tensor:
    """Return for each pixel the mean fall of the output over the windows that cover it.

    Parameters
    ----------
    explained, inputs, given
        See `zollstock.repair.explainers`; ``given.baseline`` is put in.
    settings
        ``window``: its side in pixels, None for an eighth of the shorter side; ``stride``, None
        for half a window. The number of a place is shared evenly by its channels.
    """
    height, width = inputs.shape[-2:]
    window = settings["window"] or max(1, round(min(height, width) / 8))
    stride = min(settings["stride"] or max(1, window // 2), window)
    rows, columns = (window_starts(side, window, stride) for side in (height, width))
    masks = inputs.new_zeros((len(rows) * len(columns), height, width))
    for mask, (y, x) in zip(masks, ((y, x) for y in rows for x in columns), strict=True):
        mask[y : y + window, x : x + window] = 1
    falls = falls_of(explained, inputs, given, masks[:, None])
    maps = torch.einsum("kn,khw->nhw", falls, masks) / masks.sum(0)
    return as_channels(maps, inputs)


def falls_of(
    explained: Explained, inputs: torch.Tensor, given: Given, masks: torch.Tensor
) -> torch.Tensor:
    """Return how much the output falls where masks put the baseline in, (K, N).

    Parameters
    ----------
    explained, inputs, given
        See `zollstock.repair.explainers`.
    masks
        1 where the baseline is put in, (K, 1 or N, H, W).
    """
    start = given.start(inputs)
    whole, parts = explained(inputs), []
    for some in masks.split(_PART):
        shares = some[:, :, None]
        mixed = inputs + shares * (start - inputs)
        parts.append(rounds(explained(mixed.flatten(0, 1)), len(some)))
    return whole - torch.cat(parts)


def as_channels(maps: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    """Return maps, (N, H, W), as attributions of the inputs' shape, whose sum they are."""
    return (maps[:, None] / inputs.shape[1]).expand_as(inputs)
