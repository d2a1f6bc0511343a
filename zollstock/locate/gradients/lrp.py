"""Layer-wise relevance propagation (Bach et al. 2015): the output is shared out, layer by layer.

See `zollstock.locate.relevance` for batch norms, residual connections, layer norms and attention.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.locate.differentiable import GradientModel
from zollstock.locate.gradients import Maps, as_maps
from zollstock.locate.relevance import RelevanceModel, Rules


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return the relevance of each place, summed over channels.

    It sums to the output where that is a logit or a margin, less what biases and ε take up.

    Parameters
    ----------
    model, frames
        See `zollstock.locate.gradients`.
    settings
        ``rule``: ``epsilon`` for the ε rule in all layers, or ``composite`` for the γ rule in
        convolutions and the ε rule in linear layers and lone batch norms; ``epsilon`` and
        ``gamma``.
    seed
        Not needed.

    Raises
    ------
    ZollstockError
        If the model has a layer that no rule covers, naming it.
    """
    gamma = float(settings["gamma"]) if settings["rule"] == "composite" else 0.0
    rules = Rules("lrp", gamma, 0.0, float(settings["epsilon"]))
    return as_maps(RelevanceModel.of(model, rules).relevance(model.pixels(frames)))
