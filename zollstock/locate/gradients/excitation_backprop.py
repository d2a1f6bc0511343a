"""Excitation backprop (Zhang et al. 2016): the probability that a place wins, from the class down.

From each unit one winner below it is drawn, with probabilities in proportion to what of its input
excites it, a·w⁺; the map is the probability of each place to be the last winner. It is the z⁺ rule
of `zollstock.locate.relevance` without biases: nothing is lost on the way but where a unit is held
up by its bias alone.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps, as_maps
from zollstock.locate.layers import find_layer, maps_of
from zollstock.locate.relevance import RelevanceModel, Rules
from zollstock.locate.sharing import PLUS

RULES = Rules("excitation_backprop", PLUS, PLUS, positive=True, instead="lrp")


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return the probabilities of places, summed over channels.

    Of a logit they are not below 0 and sum to 1, less what ends at such biases. Of a probability, a
    margin or a contrast the classes begin with the output's slope by their logits, so that the map
    is what speaks for the class less what speaks for others.

    Parameters
    ----------
    model, frames
        See `zollstock.locate.gradients`.
    settings
        ``layer``: a name of the module's, whose places are meant; their map is interpolated
        bilinearly, and divided by how many pixels a place has. None goes down to the pixels.
    seed
        Not needed.

    Raises
    ------
    ZollstockError
        If the model has layers that read values below 0 of others, or no such layer.
    """
    pixels = model.pixels(frames)
    excited = RelevanceModel.of(model, RULES)
    if settings.get("layer") is None:
        return as_maps(excited.relevance(pixels))
    layer = find_layer(model, pixels[:1], settings["layer"])
    size = (int(pixels.shape[1]), int(pixels.shape[2]))
    shrunk = layer.grid[0] * layer.grid[1] / (size[0] * size[1])

    def step(part: torch.Tensor) -> tuple[torch.Tensor, ...]:
        maps, slopes = maps_of(excited, part, layer)
        coarse = (maps * slopes).sum(1, keepdim=True)
        fine = torch.nn.functional.interpolate(coarse, size, mode="bilinear", align_corners=False)
        return (fine[:, 0] * shrunk,)

    found: Maps = model.network.in_batches(step, pixels)[0].float().cpu().numpy()
    return found
