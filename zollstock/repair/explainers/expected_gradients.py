"""Expected gradients (Erion et al. 2021), which captum and ixai call GradientShap."""

from collections.abc import Mapping
from typing import Any

import torch

from zollstock.repair.explained import Explained, Given, by_rounds, rounds

DEFAULTS: dict[str, Any] = {"samples": 5, "noise": 0.0, "multiply_by_inputs": True}


def attribute(
    explained: Explained, inputs: torch.Tensor, settings: Mapping[str, Any], given: Given
) -> torch.Tensor:
    """Return the mean of (x′ − b)·∂y/∂x(b + t·(x′ − b)) over draws of b and t.

    Parameters
    ----------
    explained, inputs, given
        See `zollstock.repair.explainers`; b is drawn from ``given.baselines``, t evenly from 0 to
        1, both anew for each picture and sample.
    settings
        ``samples``: how many; ``noise``: deviation of what is added to x to make x′, in units of
        the normalised input, as GradientShap does; ``multiply_by_inputs``, the factor.
    """
    times = int(settings["samples"])
    starts = given.drawn("expected_gradients", times, inputs)
    drawn = given.draws.uniform("expected_gradients: t", times)
    at = by_rounds(torch.from_numpy(drawn)).to(inputs).view(-1, *[1] * (inputs.ndim - 1))
    ends = inputs.repeat(times, *[1] * (inputs.ndim - 1))
    if settings["noise"]:
        noise = given.draws.normal("expected_gradients: noise", times, inputs)
        ends = ends + settings["noise"] * noise
    step = ends - starts
    slopes = explained.slopes(starts + at * step)
    return rounds(step * slopes if settings["multiply_by_inputs"] else slopes, times).mean(0)
