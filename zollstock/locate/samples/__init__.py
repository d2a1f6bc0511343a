"""Samplers: a module each, found by its name.

A module offers ``draw(m, settings, rng) -> kept``: of a number of segments M, plain settings and a
generator to which segments each sample keeps, bool, (N, M); and ``number(m, settings)``, which
tells N before anything is drawn. Use `draw_samples`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Flags
from zollstock.entries import find_entry

WHOLE, EMPTY = "whole", "empty"
"""A sample that keeps every segment, and one that keeps none."""


def draw_samples(m: int, settings: Mapping[str, Any], rng: np.random.Generator) -> Flags:
    """Draw samples of M segments.

    Parameters
    ----------
    m
        Number of segments.
    settings
        ``name`` of the sampler and its settings; ``number`` of samples, or ``per_segment``, a
        number for each segment, where the sampler takes one; ``times``, how often each sample
        is there; ``add``, a list of `WHOLE` and `EMPTY`, which come last, once each.
    rng
        The one source of chance.

    Returns
    -------
    ndarray of bool, shape (N, M)
        True where the sample keeps the segment.

    Raises
    ------
    ZollstockError
        If there is no such sampler, or too many samples would be drawn.
    """
    import zollstock.locate.samples as registry

    settings = _sized(m, settings)
    kept = find_entry(registry, settings["name"]).draw(m, settings, rng)
    kept = np.repeat(kept, settings.get("times", 1), axis=0)
    ends = [np.full((1, m), end == WHOLE) for end in settings.get("add", ())]
    return np.concatenate([kept, *ends])


def number_of(m: int, settings: Mapping[str, Any]) -> int:
    """Return how many samples `draw_samples` draws."""
    import zollstock.locate.samples as registry

    settings = _sized(m, settings)
    drawn: int = find_entry(registry, settings["name"]).number(m, settings)
    return drawn * settings.get("times", 1) + len(settings.get("add", ()))


def _sized(m: int, settings: Mapping[str, Any]) -> dict[str, Any]:
    sized = dict(settings)
    if sized.get("per_segment") is not None:
        sized["number"] = max(1, round(sized["per_segment"] * m))
    return sized
