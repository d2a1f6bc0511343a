"""The gradient by the input (Simonyan et al. 2014)."""

from collections.abc import Mapping
from typing import Any

import torch

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.repair.explained import Explained, Given

DEFAULTS: dict[str, Any] = {"form": "signed"}
FORMS = ("signed", "absolute", "by_input")


def attribute(
    explained: Explained, inputs: torch.Tensor, settings: Mapping[str, Any], given: Given
) -> torch.Tensor:
    """Return ∂y/∂x: ``signed``, ``absolute``, or ``by_input``, times the sign of x as in ixai."""
    slopes, form = explained.slopes(inputs), settings["form"]
    if form == "absolute":
        return slopes.abs()
    if form == "by_input":
        return inputs.sign() * slopes
    if form != "signed":
        raise ZollstockError(
            "repair: saliency.form",
            f"is '{form}'",
            f"one of {', '.join(FORMS)}",
            did_you_mean(form, FORMS),
        )
    return slopes
