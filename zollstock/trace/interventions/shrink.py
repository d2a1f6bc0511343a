"""Shrink towards a small number: W ← (1 − s)·W + s·u, u as in `soft`."""

import torch

from zollstock.errors import ZollstockError
from zollstock.trace.interventions import Context
from zollstock.trace.interventions.soft import small

ON_WEIGHTS = True


def replacement(current: torch.Tensor, context: Context) -> torch.Tensor:
    """Return (1 − s)·current + s·u.

    Parameters
    ----------
    current
        Values or weights.
    context
        With the setting ``share``, s, by default .5, and those of `soft`.

    Raises
    ------
    ZollstockError
        If s is not in 0 to 1.
    """
    share = float(context.settings.get("share", 0.5))
    if not 0 <= share <= 1:
        raise ZollstockError("trace: share", f"is {share:g}", "0 to 1", "Choose such a share.")
    return (1 - share) * current + share * small(context)
