"""Random permutations that belong to (seed, length, number), not to a loop.

Permutation k of S steps is drawn from the Philox-4x32-10 stream whose key is the seed and
whose counter holds k, S and a block number. Asking for 10, for 1,000 or for the range
[500, 600) therefore gives the same permutations, and all series of one length share them.

Source of the generator: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
SC 2011. Source of the bounded integers: Lemire, "Fast random integer generation in an
interval", ACM TOMACS 2019 (exactly uniform, by rejection).
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError
from zollstock.scoring._jit import jit

MAX_STEPS = 2**31 - 1
_BATCH = 8  # Philox blocks made at a time: one vector of 64-bit lanes
_CACHED_BYTES = 8_000_000  # larger tables are made anew rather than kept

_MASK = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MUL_0 = np.uint64(0xD2511F53)
_MUL_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)


@jit
def philox(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Return the four 32-bit words of one Philox-4x32-10 block (all held in uint64)."""
    for _ in range(10):
        m0 = c0 * _MUL_0
        m1 = c2 * _MUL_1
        c0, c1, c2, c3 = (
            (m1 >> _SHIFT) ^ c1 ^ k0,
            m1 & _MASK,
            (m0 >> _SHIFT) ^ c3 ^ k1,
            m0 & _MASK,
        )
        k0 = (k0 + _WEYL_0) & _MASK
        k1 = (k1 + _WEYL_1) & _MASK
    return c0, c1, c2, c3


@jit
def _words(words, start, stop, steps, k, key):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write blocks [start, stop) of the stream of permutation k; word c of block b at [c, b]."""
    k_low, k_high = k & _MASK, k >> _SHIFT
    key_low, key_high = key & _MASK, key >> _SHIFT
    for block in range(start, stop):
        w0, w1, w2, w3 = philox(np.uint64(block), steps, k_low, k_high, key_low, key_high)
        words[0, block - start] = w0
        words[1, block - start] = w1
        words[2, block - start] = w2
        words[3, block - start] = w3


@jit
def scaled(word, bound):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Map a 32-bit word to [0, bound); the flag says whether the word must be thrown away."""
    product = word * bound
    low = product & _MASK
    rejected = low < bound and low < (np.uint64(2**32) - bound) % bound
    return product >> _SHIFT, rejected


@jit
def _redraw(draws, flat, spare, steps, k, key):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Draw the rejected indices again, from the blocks after those already used."""
    words = spare.reshape(-1)
    block = flat.size // 4
    used = words.size
    for i in range(steps):
        draws[i], rejected = scaled(flat[i], np.uint64(i + 1))
        while rejected:
            if used == words.size:
                _words(spare, block, block + _BATCH, np.uint64(steps), k, key)
                block += _BATCH
                used = 0
            draws[i], rejected = scaled(words[used], np.uint64(i + 1))
            used += 1


@jit
def _fill(out, first, key):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write permutations first, first + 1, … of range(S) into the rows of `out` (K, S).

    Words, indices and swaps in turn, each in a loop of its own: the first two are vector
    code, and the third waits for nothing but memory.
    """
    count, steps = out.shape
    blocks = ((steps + 3) // 4 + _BATCH - 1) // _BATCH * _BATCH
    words = np.empty((4, blocks), np.uint64)
    spare = np.empty((4, _BATCH), np.uint64)
    flat = words.reshape(-1)
    draws = np.empty(steps, np.uint64)
    for row in range(count):
        k = first + np.uint64(row)
        _words(words, 0, blocks, np.uint64(steps), k, key)
        suspects = 0
        for i in range(steps):
            product = flat[i] * np.uint64(i + 1)
            draws[i] = product >> _SHIFT
            suspects += (product & _MASK) < np.uint64(i + 1)
        if suspects > 0:
            _redraw(draws, flat, spare, steps, k, key)
        permutation = out[row]
        for i in range(steps):
            j = draws[i]
            permutation[i] = permutation[j]
            permutation[j] = i


def _make(steps: int, start: int, stop: int, seed: int) -> npt.NDArray[np.int32]:
    table = np.empty((stop - start, steps), np.int32)
    _fill(table, np.uint64(start), np.uint64(seed))
    table.flags.writeable = False
    return table


_make_cached = lru_cache(maxsize=4)(_make)


def permutations(steps: int, stop: int, *, seed: int = 0, start: int = 0) -> npt.NDArray[np.int32]:
    """Return permutations start … stop - 1 of ``range(steps)``.

    Fisher–Yates in its inside-out form, each index exactly uniform.

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
        Read-only int32, shape (stop - start, steps). Row i is permutation start + i,
        the same whatever range it is asked for in.

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
    small = (stop - start) * steps * 4 <= _CACHED_BYTES
    return (_make_cached if small else _make)(int(steps), int(start), int(stop), int(seed))
