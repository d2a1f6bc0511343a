"""Prediction difference analysis: what is lost without a segment (Zintgraf et al. 2017)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Array, Flags
from zollstock.locate.attributers import Ends, ratio

_LEAST = 1e-12


def attribute(y: Array, z: Flags, settings: Mapping[str, Any], ends: Ends) -> Array:
    """Return g(Y(whole)) − g(mean of Y where the segment is taken away).

    ``scale``, g: ``probability`` leaves it as it is; ``log2`` is log₂ p; ``log_odds`` is
    log₂ p/(1 − p), the weight of evidence. ``laplace``, with ``images`` n and ``classes`` c, first
    makes (p n + 1)/(n + c) of both. With ``by_number`` a sample counts 1/(number of segments that
    it takes away). NaN for a segment that no sample takes away, and where there is no logarithm.
    """
    gone = (~z).astype(float)
    if settings["by_number"]:
        gone /= np.maximum(gone.sum(1), 1)[:, None]
    without = ratio(gone.T @ y, gone.sum(0)[:, None])
    return _scaled(ends.whole, settings) - _scaled(without, settings)


def _scaled(p: Array, settings: Mapping[str, Any]) -> Array:
    laplace, scale = settings["laplace"], settings["scale"]
    if laplace is not None:
        p = (p * laplace["images"] + 1) / (laplace["images"] + laplace["classes"])
    if scale == "probability":
        return p
    odds = p if scale == "log2" else ratio(p, 1 - p)
    there = odds > _LEAST
    return np.where(there, np.log2(np.where(there, odds, 1.0)), np.nan)
