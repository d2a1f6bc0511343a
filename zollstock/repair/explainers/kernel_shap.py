"""Kernel SHAP in closed form (Lundberg & Lee 2017): numbers are linear in the outputs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from zollstock.locate.regression import shapley_weights, with_sum
from zollstock.repair.explained import Explained, Given
from zollstock.repair.explainers.lime import determined, sampled, spread
from zollstock.repair.explainers.occlusion import falls_of

DEFAULTS: dict[str, Any] = {"samples": {"name": "shapley", "number": 64}, "weights": "size"}


def attribute(
    explained: Explained, inputs: torch.Tensor, settings: Mapping[str, Any], given: Given
) -> torch.Tensor:
    """Return the φ of each segment; they sum to what the output changes by without any.

    Parameters
    ----------
    explained, inputs, given
        See `zollstock.repair.explainers`; ``given.baseline`` is put into ``given.segments``.
    settings
        ``samples``: of `zollstock.locate.samples`, the same for all pictures; ``weights``:
        ``size`` or ``row``; see `zollstock.locate.attributers.kernel_shap`.
    """
    kept, falls, parts = sampled(explained, inputs, settings, given, "kernel_shap")
    everything = torch.ones_like(parts, dtype=inputs.dtype)[None]
    change = falls_of(explained, inputs, given, everything)
    # Y − Y(empty) is `change` − fall; outputs and their sum are columns of what is solved for.
    columns = np.eye(len(kept) + 1)
    weights = shapley_weights(kept, settings["weights"] == "size")
    solved = with_sum(kept, columns[:-1], weights, columns[-1])
    return spread(
        determined(solved, "kernel_shap"),
        -torch.cat([change - falls, change]),
        parts,
        inputs,
    )
