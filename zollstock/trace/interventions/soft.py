"""Set to a small number u ~ U(β, β + width), one for all of a layer, as ExplaiNN does."""

import torch

from zollstock.seeds import rng_for
from zollstock.trace.interventions import Context

ON_WEIGHTS = True
WIDTH = 0.01


def replacement(current: torch.Tensor, context: Context) -> torch.Tensor:
    """Return u everywhere.

    Parameters
    ----------
    current
        Values or weights.
    context
        With the settings ``beta`` (by default 0) and ``width`` (by default .01), and the seed.
    """
    return torch.full_like(current, small(context))


def small(context: Context) -> float:
    """Return u of the context's settings and seed."""
    low = float(context.settings.get("beta", 0.0))
    width = float(context.settings.get("width", WIDTH))
    return float(rng_for("soft", *context.seed).uniform(low, low + width))
