"""Noise around any explainer: SmoothGrad (Smilkov et al. 2017), its squares, and VarGrad."""

from collections.abc import Mapping
from typing import Any

import torch

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.repair.explained import Explained, Given, rounds

DEFAULTS: dict[str, Any] = {
    "inner": {"name": "saliency"},
    "kind": "smoothgrad",
    "samples": 5,
    "noise": 1.0,
}
KINDS = ("smoothgrad", "squared", "vargrad")


def attribute(
    explained: Explained, inputs: torch.Tensor, settings: Mapping[str, Any], given: Given
) -> torch.Tensor:
    """Return the mean, the mean square, or the variance of attributions under noise.

    Parameters
    ----------
    explained, inputs, given
        See `zollstock.repair.explainers`.
    settings
        ``inner``: name and settings of the explainer; ``kind``: ``smoothgrad``, ``squared`` or
        ``vargrad``, whose variance is divided by the number of samples; ``samples``; ``noise``:
        deviation in units of the normalised input.
    """
    from zollstock.repair.explainers import attribute as attribute_by
    from zollstock.repair.explainers import settings_of

    kind, times = settings["kind"], int(settings["samples"])
    if kind not in KINDS:
        raise ZollstockError(
            "repair: noise_tunnel.kind",
            f"is '{kind}'",
            f"one of {', '.join(KINDS)}",
            did_you_mean(kind, KINDS),
        )
    noise = given.draws.normal("noise_tunnel", times, inputs)
    shaken = inputs.repeat(times, *[1] * (inputs.ndim - 1)) + settings["noise"] * noise
    inner = settings_of(settings["inner"])
    whole = attribute_by(explained.repeated(times), shaken, inner, given.repeated(times))
    found = rounds(whole, times)
    if kind == "smoothgrad":
        return found.mean(0)
    return (found**2).mean(0) if kind == "squared" else found.var(0, unbiased=False)
