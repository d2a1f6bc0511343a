"""Seeds and generators from names, never from loop order or batch layout."""

import hashlib

import numpy as np


def seed_for(*parts: object) -> int:
    """Return the 64-bit seed that belongs to a tuple of names and numbers.

    Parameters
    ----------
    *parts
        What identifies the draw, e.g. ``(study_seed, image_id, property, replicate)``.
        Parts are compared by ``repr``, so ``1`` and ``"1"`` differ.

    Returns
    -------
    int
        The first eight bytes of SHA-256 over the parts, as an unsigned integer.
    """
    text = "\x1f".join(repr(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def rng_for(*parts: object) -> np.random.Generator:
    """Return a counter-based (Philox) generator keyed by `parts`; see `seed_for`."""
    return np.random.Generator(np.random.Philox(key=seed_for(*parts)))
