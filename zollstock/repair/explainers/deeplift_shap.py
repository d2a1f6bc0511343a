"""DeepLIFT against several baselines (Lundberg & Lee 2017): the mean of what each one gives."""

from collections.abc import Mapping
from typing import Any

import torch

from zollstock.repair.explained import Explained, Given, rounds
from zollstock.repair.explainers.deeplift import multipliers

DEFAULTS: dict[str, Any] = {"samples": 4, "multiply_by_inputs": True}


def attribute(
    explained: Explained, inputs: torch.Tensor, settings: Mapping[str, Any], given: Given
) -> torch.Tensor:
    """Return the mean of m·(x − b) over baselines; of m alone without the factor.

    Parameters
    ----------
    explained, inputs, given
        See `zollstock.repair.explainers`; baselines are those of ``given.baselines``.
    settings
        ``samples``: how many are drawn for each picture; None takes each of the set once.
        ``multiply_by_inputs``, the factor x − b.
    """
    every = settings["samples"] is None and given.baselines is not None
    if every and given.baselines is not None:
        starts = given.baselines.to(inputs).repeat_interleave(len(inputs), 0)
    else:
        starts = given.drawn("deeplift_shap", int(settings["samples"] or 1), inputs)
    times = len(starts) // len(inputs)
    ends = inputs.repeat(times, *[1] * (inputs.ndim - 1))
    found = multipliers(explained.repeated(times), ends, starts)
    return rounds(found * (ends - starts) if settings["multiply_by_inputs"] else found, times).mean(
        0
    )
