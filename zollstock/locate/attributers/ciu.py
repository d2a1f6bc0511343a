"""Contextual importance and utility (Främling; Anjomshoae et al. 2021)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Array, Flags
from zollstock.locate.attributers import Ends


def attribute(y: Array, z: Flags, settings: Mapping[str, Any], ends: Ends) -> Array:
    """Return CI · (CU − neutral): how much a segment can move the output, and which way.

    With lo and hi the ends of a set of outputs that has Y(whole) in it, CI = (hi − lo)/(max − min)
    and CU = (Y(whole) − lo)/(hi − lo), so that the product is
    (Y(whole) − lo − neutral (hi − lo))/(max − min), which needs no small number in a denominator.
    max and min are those of all samples and Y(whole); where they are equal nothing matters and
    all is 0.

    ``form``: ``original`` takes the samples where this segment alone is taken away. ``inverse``
    takes 1 − Y of the samples where this segment alone is kept. ``general`` scores each set of
    segments that some sample takes away, by all samples that take away no other ones; a segment
    has the mean over the sets that it is in. A segment without such a sample is NaN.
    """
    rows = y, z, ends.whole
    neutral, form = settings["neutral"], settings["form"]
    if form == "general":
        sets = np.unique(~z[(~z).any(1)], axis=0)
        scores = coalition_scores(*rows, sets, neutral)
        inside = sets.T.astype(float)
        count = inside.sum(1)[:, None]
        return np.where(count > 0, inside @ scores / np.maximum(count, 1), np.nan)
    alone = (z if form == "inverse" else ~z).sum(1) == 1
    chosen = (z if form == "inverse" else ~z)[alone].T
    return _scores(1 - y[alone] if form == "inverse" else y[alone], chosen, y, ends.whole, neutral)


def coalition_scores(y: Array, z: Flags, whole: Array, sets: Flags, neutral: float) -> Array:
    """Return CI · (CU − neutral) of sets of segments, (X, M), which share it: (X, K).

    Of samples that take away segments of the set alone.
    """
    inside = ~((~z).astype(np.float32) @ (~sets).T.astype(np.float32) > 0).T
    return _scores(y, inside & (~z).any(1), y, whole, neutral)


def _scores(values: Array, members: Flags, y: Array, whole: Array, neutral: float) -> Array:
    """Return the numbers of sets whose members, (X, N), say `values`, (N, K): (X, K)."""
    found = np.full((len(members), y.shape[1]), np.nan)
    every = np.concatenate([y, whole[None]])
    span = np.ptp(every, axis=0)
    for row, own in zip(found, members, strict=True):
        if own.any():
            here = np.concatenate([values[own], whole[None]])
            low, high = here.min(0), here.max(0)
            above = whole - low - neutral * (high - low)
            row[:] = np.where(span > 0, above / np.where(span > 0, span, 1.0), 0.0)
    return found
