"""Integrated gradients (Sundararajan et al. 2017): along the straight line from a baseline."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from zollstock.repair.explained import Explained, Given, rounds

DEFAULTS: dict[str, Any] = {"points": 8, "multiply_by_inputs": True}


def attribute(
    explained: Explained, inputs: torch.Tensor, settings: Mapping[str, Any], given: Given
) -> torch.Tensor:
    """Return (x − b)·∫₀¹ ∂y/∂x(b + t·(x − b)) dt; the integral alone without the factor.

    Parameters
    ----------
    explained, inputs, given
        See `zollstock.repair.explainers`.
    settings
        ``points`` of the Gauss–Legendre rule; ``multiply_by_inputs``, the factor x − b.
    """
    nodes, weights = np.polynomial.legendre.leggauss(int(settings["points"]))
    start = given.start(inputs)
    step = inputs - start
    ones = [1] * inputs.ndim
    at = torch.from_numpy((nodes + 1) / 2).to(inputs).view(-1, *ones)
    share = torch.from_numpy(weights / 2).to(inputs).view(-1, *ones)
    slopes = explained.slopes((start + at * step).flatten(0, 1))
    mean = (share * rounds(slopes, len(nodes))).sum(0)
    return step * mean if settings["multiply_by_inputs"] else mean
