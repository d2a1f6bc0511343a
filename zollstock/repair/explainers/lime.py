"""LIME in closed form (Ribeiro et al. 2016): slopes are linear in the outputs. First order."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from zollstock.arrays import Array, Flags
from zollstock.errors import ZollstockError
from zollstock.locate.regression import kernel_weights, with_intercept
from zollstock.locate.samples import draw_samples
from zollstock.repair.explained import Explained, Given
from zollstock.repair.explainers.occlusion import as_channels, falls_of
from zollstock.seeds import rng_for

DEFAULTS: dict[str, Any] = {
    "samples": {"name": "random", "kept": 0.5, "number": 64},
    "kernel": "cosine",
    "width": 0.25,
    "ridge": 0.0,
}


def attribute(
    explained: Explained, inputs: torch.Tensor, settings: Mapping[str, Any], given: Given
) -> torch.Tensor:
    """Return the slopes b of the a + Z b that minimises Σ_n w_n (Y_n − a − Z_n b)² + ridge |b|².

    Parameters
    ----------
    explained, inputs, given
        See `zollstock.repair.explainers`; ``given.baseline`` is put into ``given.segments``.
    settings
        ``samples``: of `zollstock.locate.samples`, the same for all pictures; ``kernel``,
        ``width`` and ``ridge``: see `zollstock.locate.attributers.lime`.
    """
    kept, falls, parts = sampled(explained, inputs, settings, given, "lime")
    weights = kernel_weights(settings["kernel"], kept, settings["width"])
    solved = with_intercept(kept, np.eye(len(kept)), weights, settings["ridge"])
    return spread(determined(solved, "lime"), falls, parts, inputs)


def sampled(
    explained: Explained,
    inputs: torch.Tensor,
    settings: Mapping[str, Any],
    given: Given,
    name: str,
) -> tuple[Flags, torch.Tensor, torch.Tensor]:
    """Return samples, (K, M), how much the output falls at each, (K, N), and segments.

    They hang on the seed and the number of segments, so that pictures have equal ones.
    """
    parts = given.parts(inputs)
    count = int(parts.max()) + 1
    rng = rng_for(given.draws.seed, "repair", name, count)
    kept = draw_samples(count, settings["samples"], rng)
    gone = torch.from_numpy(~kept).to(inputs)
    return kept, falls_of(explained, inputs, given, gone[:, parts]), parts


def determined(solved: Array, name: str) -> Array:
    """Return what solves a regression, (M, K).

    Raises
    ------
    ZollstockError
        If samples do not determine a slope.
    """
    if not np.isfinite(solved).all():
        raise ZollstockError(
            f"repair: {name}.samples",
            "do not determine the number of every segment",
            "more samples than segments, in which each is there and is not",
            "Take more samples, or fewer segments.",
        )
    return solved


def spread(
    solved: Array, falls: torch.Tensor, parts: torch.Tensor, inputs: torch.Tensor
) -> torch.Tensor:
    """Return the slopes that outputs give, at each pixel of their segment.

    Parameters
    ----------
    solved
        From outputs to slopes, (M, K).
    falls
        The output of the whole picture less that of each sample, (K, N).
    parts, inputs
        Segments, (N, H, W), and inputs.
    """
    slopes = torch.from_numpy(solved).to(falls) @ -falls  # a constant has no slope
    return as_channels(slopes.T.gather(1, parts.flatten(1)).view(parts.shape), inputs)
