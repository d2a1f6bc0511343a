"""Ablation by mask: each segment taken away on its own. First order."""

from collections.abc import Mapping
from typing import Any

import torch

from zollstock.repair.explained import Explained, Given
from zollstock.repair.explainers.occlusion import as_channels, falls_of

DEFAULTS: dict[str, Any] = {"shared": False}


def attribute(
    explained: Explained, inputs: torch.Tensor, settings: Mapping[str, Any], given: Given
) -> torch.Tensor:
    """Return for each pixel how much the output falls when its segment is taken away.

    Parameters
    ----------
    explained, inputs, given
        See `zollstock.repair.explainers`; ``given.baseline`` is put into ``given.segments``.
    settings
        ``shared``: whether the fall is shared out evenly over a segment's pixels, so that the map
        of disjoint segments sums to the falls.
    """
    parts = given.parts(inputs)
    numbers = torch.arange(int(parts.max()) + 1, device=parts.device)
    masks = (parts == numbers[:, None, None, None]).to(inputs)
    falls = falls_of(explained, inputs, given, masks)
    if settings["shared"]:
        falls = falls / masks.sum((2, 3)).clamp(min=1)
    return as_channels(torch.einsum("kn,knhw->nhw", falls, masks), inputs)
