"""Attributers: from samples and what the model says of them to a number a segment.

A module each, found by its name, which offers ``attribute(y, z, settings, ends) -> values``: of
outputs (N, K) and kept segments (N, M) to (M, K), all outputs at once. Positive means: keeping
this segment raises the output. Where a formula has no value, as where a segment is never kept, it
is NaN. Use `attributions_of`.

A module may also offer ``interval(y, z, settings, ends) -> (low, high)``, both (M, K); and
``baseline(y, settings)``, (K,), which says that per pixel it is Σ_n Y_n m_n(p) / Σ_n m_n(p) less
that baseline, not the sum of the segments' numbers by their weights at the pixel.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array, Flags
from zollstock.entries import find_entry


@dataclass(frozen=True)
class Ends:
    """What the model says of the two ends of all samples.

    Attributes
    ----------
    whole
        Of the picture as it is, (K,).
    empty
        Of the picture with every segment taken away, (K,).
    """

    whole: Array
    empty: Array


def attributions_of(
    y: npt.ArrayLike, z: npt.ArrayLike, settings: Mapping[str, Any], ends: Ends
) -> Array:
    """Return the attributions of segments.

    Parameters
    ----------
    y
        Outputs, (N, K); (N,) is taken as K = 1.
    z
        True where a sample keeps a segment, (N, M).
    settings
        ``name`` of the attributer, and its settings.
    ends
        What the model says of the whole and of the empty picture.

    Returns
    -------
    ndarray of float64, shape (M, K)
        NaN where the formula has no value.
    """
    outputs, kept = checked(y, z)
    found: Array = entry(settings).attribute(outputs, kept, settings, ends)
    return found


def entry(settings: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return the module of an attributer."""
    import zollstock.locate.attributers as registry

    return find_entry(registry, settings["name"])


def checked(y: npt.ArrayLike, z: npt.ArrayLike) -> tuple[Array, Flags]:
    """Return outputs as float64, (N, K), and samples as bool, (N, M)."""
    outputs = np.asarray(y, np.float64)
    kept = np.asarray(z, bool)
    outputs = outputs[:, None] if outputs.ndim == 1 else outputs
    if outputs.ndim != 2 or kept.ndim != 2 or len(outputs) != len(kept):
        raise ValueError(f"outputs {outputs.shape} do not fit samples {kept.shape}")
    return outputs, kept


def ratio(numbers: Array, by: Array) -> Array:
    """Return numbers divided by others, NaN where these are 0."""
    by = np.broadcast_to(by, numbers.shape)
    return np.divide(numbers, by, out=np.full(numbers.shape, np.nan), where=by != 0)
