"""Random permutations that belong to (seed, length, number), not to a loop.

Permutation k of S steps is the order of S random words of 64 bits from NumPy's Philox generator,
whose key holds the seed and S and whose counter starts at k times the blocks that S words take.
The last bits of a word, as many as S - 1 has, do not count; where the others are equal, the step
that stands first comes first.
Asking for 10, for 1,000 or for the range [500, 600) therefore gives the same permutations, and
all series of one length share them.

Every order is equally likely but for two equal words, which at most one permutation in 2^64/S³ has.
Source of the generator: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from functools import lru_cache

import numpy as np

from zollstock.arrays import Indices
from zollstock.errors import ZollstockError

MAX_STEPS = 2**31 - 1
_BLOCK = 4  # words that one count of the generator makes
_NUMBERS = 2**13  # words held at a time: they stay in the cache
_CACHED_BYTES = 8_000_000  # larger tables are made anew rather than kept


def _make(steps: int, start: int, stop: int, seed: int) -> Indices:
    """Return permutations; words are sorted with their steps in their last bits.

    That takes a third of the time that `argsort` does.
    """
    table = np.empty((stop - start, steps), np.min_scalar_type(steps - 1))
    if not len(table):
        return table
    blocks = -(-steps // _BLOCK)
    source = np.random.Philox(key=seed | steps << 64, counter=start * blocks)
    own, last = np.arange(steps, dtype=np.uint64), np.uint64(2 ** (steps - 1).bit_length() - 1)
    rows = max(1, _NUMBERS // (blocks * _BLOCK))
    for first in range(0, len(table), rows):
        part = table[first : first + rows]
        words = source.random_raw(len(part) * blocks * _BLOCK).reshape(len(part), -1)[:, :steps]
        words &= ~last
        words |= own
        words.sort(axis=1)
        words &= last
        part[:] = words
    table.flags.writeable = False
    return table


_make_cached = lru_cache(maxsize=4)(_make)


def permutations(steps: int, stop: int, *, seed: int = 0, start: int = 0) -> Indices:
    """Return permutations start … stop - 1 of ``range(steps)``.

    Parameters
    ----------
    steps
        Length S of a permutation, 1 or more.
    stop
        One past the number of the last permutation.
    seed
        Key of the stream, 0 to 2**64 - 1 (see `zollstock.seeds.seed_for`).
    start
        Number of the first permutation.

    Returns
    -------
    ndarray
        Read-only, shape (stop - start, steps), of the smallest kind of integer that holds them.
        Row i is permutation start + i, the same whatever range it is asked for in.

    Raises
    ------
    ZollstockError
        If a number is out of its range.
    """
    if not 1 <= steps <= MAX_STEPS:
        raise ZollstockError(
            "steps", str(steps), f"1 to {MAX_STEPS}", "Give the length of the series."
        )
    if not 0 <= start <= stop < 2**63:
        raise ZollstockError(
            "permutation range",
            f"[{start}, {stop})",
            "0 <= start <= stop",
            "Ask for a positive number of permutations.",
        )
    if not 0 <= seed < 2**64:
        raise ZollstockError(
            "seed", str(seed), "0 to 2**64 - 1", "Make a seed with zollstock.seeds.seed_for."
        )
    small = (stop - start) * steps * 8 <= _CACHED_BYTES
    return (_make_cached if small else _make)(int(steps), int(start), int(stop), int(seed))
