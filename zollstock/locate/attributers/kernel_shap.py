"""Kernel SHAP: Shapley values by weighted regression (Lundberg & Lee 2017)."""

from collections.abc import Mapping
from typing import Any

from zollstock.arrays import Array, Flags
from zollstock.locate.attributers import Ends
from zollstock.locate.regression import shapley_weights, with_sum


def attribute(y: Array, z: Flags, settings: Mapping[str, Any], ends: Ends) -> Array:
    """Return the φ that minimises Σ_n w_n (Y_n − Y(empty) − Z_n φ)².

    Under the constraint Σ φ = Y(whole) − Y(empty), which holds exactly; usual code gives both ends
    a weight of 1e5 instead. ``weights``: ``size`` or ``row``; see
    `zollstock.locate.regression.shapley_weights`. With all coalitions φ are the Shapley values.
    A φ that the samples do not determine is NaN.
    """
    weights = shapley_weights(z, settings["weights"] == "size")
    return with_sum(z, y - ends.empty, weights, ends.whole - ends.empty)
