"""LIME: the slopes of a weighted linear model of the output (Ribeiro et al. 2016)."""

from collections.abc import Mapping
from typing import Any

from zollstock.arrays import Array, Flags
from zollstock.locate.attributers import Ends
from zollstock.locate.regression import kernel_weights, with_intercept


def attribute(y: Array, z: Flags, settings: Mapping[str, Any], ends: Ends) -> Array:
    """Return the slopes b of the a + Z b that minimises Σ_n w_n (Y_n − a − Z_n b)² + ridge |b|².

    ``ridge`` 0 is ordinary least squares, where a slope that the samples do not determine is NaN;
    with a ridge nothing speaks for it, and it is drawn to 0. ``kernel`` and ``width`` give the
    weights; see `zollstock.locate.regression.kernel_weights`.
    """
    weights = kernel_weights(settings["kernel"], z, settings["width"])
    return with_intercept(z, y, weights, settings["ridge"])
