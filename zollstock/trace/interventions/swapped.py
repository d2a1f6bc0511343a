"""Swap with the value at another frame of the same path, row by row."""

import torch

from zollstock.errors import ZollstockError
from zollstock.trace.interventions import Context

ON_WEIGHTS = False


def replacement(current: torch.Tensor, context: Context) -> torch.Tensor:
    """Return `context.others`, whose rows are the same images at another frame.

    Raises
    ------
    ZollstockError
        If they are not as many as the rows.
    """
    others = context.needed("the same images at another frame")
    if others.shape != current.shape:
        raise ZollstockError(
            "trace: intervention",
            f"has other frames of shape {tuple(others.shape)} for {tuple(current.shape)}",
            "one other frame a row",
            "Pass each image's other frame, in the same order.",
        )
    return others.to(current)
