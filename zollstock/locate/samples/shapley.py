"""Shapley coalitions: from the smallest and largest inwards, random and in pairs."""

from collections.abc import Mapping
from itertools import combinations, count
from math import comb
from typing import Any

import numpy as np

from zollstock.arrays import Counts, Flags

_LISTED = 2000
"""Up to so many coalitions of a size are listed; of more, those that are wanted are drawn."""
_WORK = 10**8
_TRIES = 20


def number(m: int, settings: Mapping[str, Any]) -> int:
    """Return how many samples are drawn: there are 2^M − 2 between whole and empty picture.

    Of one segment there are none between; whole and empty picture are the samples then.
    """
    wanted = int(settings["number"])
    return wanted if m > 40 else min(wanted, max(2**m - 2, 2))


def draw(m: int, settings: Mapping[str, Any], rng: np.random.Generator) -> Flags:
    """Draw samples by their number of segments, as Kernel SHAP weighs them.

    A size s and its opposite M − s are taken together, and each sample with its opposite (Covert
    & Lee 2021). Sizes whose share of the samples, by the kernel's weight (M − 1)/(s (M − s)), holds
    all their coalitions are there in full; the others share what is left by the same weight
    (Lundberg & Lee 2017). Within a size coalitions differ, and each segment is there as often as
    any other, as far as that goes.

    Parameters
    ----------
    m
        Number of segments.
    settings
        ``number`` of samples.
    rng
        The source of chance.
    """
    wanted = number(m, settings)
    if m == 1:
        return np.array([[True], [False]])[:wanted]
    pairs = _pairs_a_size(m, wanted)
    parts = [_of_size(m, size + 1, int(some), rng) for size, some in enumerate(pairs) if some]
    # One that is left over has no opposite.
    return np.concatenate(parts)[:wanted]


def _pairs_a_size(m: int, wanted: int) -> Counts:
    """Return how many pairs each size 1 … M/2 has, (M // 2,)."""
    sizes = np.arange(1, m // 2 + 1)
    there = [comb(m, int(s)) // (2 if 2 * s == m else 1) for s in sizes]
    weight = (m - 1) / (sizes * (m - sizes)) * np.where(2 * sizes == m, 0.5, 1)
    left, pairs = (wanted + 1) // 2, np.zeros(len(sizes), np.int64)
    open_ = np.ones(len(sizes), bool)
    while left and open_.any():
        share = np.where(open_, weight, 0)
        share = left * share / share.sum()
        full = [k for k in np.flatnonzero(open_) if share[k] >= there[k] - 1e-9]
        if not full:
            whole = np.floor(share).astype(np.int64)
            most = np.argsort(whole - share, kind="stable")
            whole[most[: left - whole.sum()]] += 1
            return pairs + whole
        for k in full:
            pairs[k], open_[k] = there[k], False
            left -= there[k]
    return pairs


def _of_size(m: int, size: int, pairs: int, rng: np.random.Generator) -> Flags:
    """Return `pairs` different coalitions of a size, each followed by its opposite."""
    there = comb(m, size) // (2 if 2 * size == m else 1)
    listed = there <= max(4 * pairs, _LISTED)
    return _with_opposites((_from_list if listed else _drawn)(m, size, pairs, rng))


def _from_list(m: int, size: int, pairs: int, rng: np.random.Generator) -> Flags:
    """Return coalitions from the list of all, one after the other whose segments are rarest."""
    members = np.array(list(combinations(range(m), size)))
    if 2 * size == m:
        members = members[members[:, 0] == 0]
    every = np.zeros((len(members), m), bool)
    every[np.arange(len(members))[:, None], members] = True
    every = every[rng.permutation(len(every))]
    if pairs == len(every):
        return every
    if pairs * every.size > _WORK:
        return every[:pairs]
    used, numbers = np.zeros(m), every.astype(float)
    open_ = np.ones(len(every), bool)
    chosen = []
    for _ in range(pairs):
        # Squares: of two segments that are as frequent together, the uneven pair comes later.
        cost = np.where(open_, numbers @ (2 * used + 1), np.inf)
        chosen.append(int(cost.argmin()))
        open_[chosen[-1]] = False
        used += every[chosen[-1]]
        if 2 * size == m:
            used += ~every[chosen[-1]]
    return every[chosen]


def _drawn(m: int, size: int, pairs: int, rng: np.random.Generator) -> Flags:
    """Return coalitions that are drawn: at most a quarter of those that there are."""
    used = np.zeros(m)
    seen: set[bytes] = set()
    found = np.zeros((pairs, m), bool)
    for row in found:
        for tries in count():
            # Those that were there least often come first, in random order.
            even = tries < _TRIES
            order = np.lexsort((rng.random(m), used)) if even else rng.permutation(m)
            row[:] = False
            row[order[:size]] = True
            keys = {row.tobytes(), (~row).tobytes()}
            if not keys & seen:
                break
        seen |= keys
        used += row
    return found


def _with_opposites(kept: Flags) -> Flags:
    return np.stack([kept, ~kept], 1).reshape(-1, kept.shape[1])
