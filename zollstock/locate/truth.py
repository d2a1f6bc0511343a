r"""What a property's effect owes to each part of a drawn picture, exactly.

With a start frame a, an end frame b and shares w_k of K parts that sum to 1 in every pixel, a
coalition S of parts has the picture x_S = a + Σ_{k∈S} w_k·(b − a): the parts of S as they are at
the end, all others as at the start. The output's values on all 2^K pictures give the Shapley value
of each part,
φ_k = Σ_{S∌k} |S|!(K−|S|−1)!/K! · (p(x_{S∪k}) − p(x_S)), (Shapley 1953),
which sum to p(b) − p(a). Nothing is sampled and no picture leaves what the world could nearly draw.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.ranks import spearman

Frames = npt.NDArray[np.uint8]
Weights = npt.NDArray[np.float32]
Predict = Callable[[Frames], npt.ArrayLike]

MOST = 12
"""Parts that a property may change at once: 4,096 pictures."""
_LEVEL = 0.5 / 255  # below this share of a change no pixel can differ


@dataclass(frozen=True)
class PartEffects:
    """The exact effect of a property's change, part by part.

    Attributes
    ----------
    names
        Of the parts, K.
    effects
        Shapley values, (K, outputs); exactly 0 for a part that no pixel changes in.
    start, end
        The outputs at both frames, (outputs,).
    changed
        Whether a pixel of the part changes, (K,).
    """

    names: tuple[str, ...]
    effects: Array
    start: Array
    end: Array
    changed: npt.NDArray[np.bool_]


def part_effects(
    predict: Predict,
    start: Frames,
    end: Frames,
    weights: npt.ArrayLike,
    names: Sequence[str],
    *,
    batch: int = 64,
) -> PartEffects:
    """Return the Shapley value of each part for the change from one frame to another.

    Parameters
    ----------
    predict
        From pictures, uint8 (n, H, W, 3), to the followed outputs, (n,) or (n, outputs).
    start, end
        uint8, (H, W, 3), of the model's input size.
    weights
        Share of each part in every pixel, (K, H, W), as `zollstock.worlds` draws them; they are
        divided by their sum.
    names
        Of the parts.
    batch
        Pictures that are made and predicted at once.

    Raises
    ------
    ZollstockError
        If more than `MOST` parts change, or shapes differ.
    """
    shares = _normalised(np.asarray(weights, np.float32), start, end, names)
    step = end.astype(np.float32) - start
    reach = np.abs(step).max(-1)
    # A part in which nothing can change is a dummy player: its value is 0, whatever the others do.
    changed = np.array([(share * reach).max() >= _LEVEL * 255 for share in shares])
    active = np.flatnonzero(changed)
    if len(active) > MOST:
        raise ZollstockError(
            "parts",
            f"{len(active)} of them change, which needs {2 ** len(active)} pictures",
            f"at most {MOST}",
            "Join some: add up their weights.",
        )
    # What the dummies hold of the change, less than half a grey level, goes with the largest part.
    played = shares[active]
    if len(active):
        played[np.argmax(played.sum((1, 2)))] += np.delete(shares, active, axis=0).sum(0)
    values = _all_values(predict, start, end, step, played, batch)
    effects = np.zeros((len(names), values.shape[1]))
    effects[active] = shapley(values)
    return PartEffects(tuple(names), effects, values[0], values[-1], changed)


def shapley(values: npt.ArrayLike) -> Array:
    """Return the Shapley values of a game that is known for every coalition.

    Parameters
    ----------
    values
        Shape (2^K, outputs) or (2^K,): row s is the coalition of all k whose bit (1 << k) is set in
        s.

    Returns
    -------
    ndarray
        Shape (K, outputs) or (K,). They sum to the last row less the first.
    """
    table = np.asarray(values, np.float64)
    players = len(table).bit_length() - 1
    if 1 << players != len(table):
        raise ZollstockError(
            "values", f"has {len(table)} rows", "a power of 2", "Pass every coalition."
        )
    rows = np.arange(len(table))
    sizes = np.bitwise_count(rows)
    found = np.zeros((players, *table.shape[1:]))
    for k in range(players):
        without = rows[(rows >> k) & 1 == 0]
        weight = np.array([1 / (players * comb(players - 1, int(s))) for s in sizes[without]])
        found[k] = np.tensordot(weight, table[without | (1 << k)] - table[without], axes=1)
    return found


def composites(
    start: Frames, step: Weights, weights: Weights, rows: npt.NDArray[np.integer]
) -> Frames:
    """Return the pictures of some coalitions, uint8 (n, H, W, 3); see the module.

    Parameters
    ----------
    start
        uint8, (H, W, 3).
    step
        End less start, float32, (H, W, 3).
    weights
        float32, (K, H, W).
    rows
        Coalitions as numbers, bit k for part k.
    """
    inside = ((rows[:, None] >> np.arange(len(weights))) & 1).astype(np.float32)
    share = np.tensordot(inside, weights, axes=1)
    pixels = share[..., None] * step
    pixels += start
    np.rint(pixels, out=pixels)
    return np.clip(pixels, 0, 255, out=pixels).astype(np.uint8)


def mass_per_part(values: npt.ArrayLike, weights: npt.ArrayLike) -> Array:
    """Return the sum of a signed map, (H, W), over each part, (K, H, W) → (K,)."""
    return np.tensordot(
        np.asarray(weights, np.float64), np.asarray(values, np.float64), axes=((1, 2), (0, 1))
    )


def agreement(
    effects: npt.ArrayLike, masses: npt.ArrayLike, among: npt.ArrayLike | None = None
) -> float:
    """Return Spearman's rank correlation of a map's mass per part with the exact effects.

    Parameters
    ----------
    effects, masses
        Shape (K,), both signed, or both as absolute values.
    among
        Which parts are compared, bool (K,). By default all; with `PartEffects.changed` those that
        change. A part that does not change has the effect 0, so that a method that gives it mass
        is wrong: leaving such parts out is the kinder question.

    Returns
    -------
    float
        Ties have their mean rank. NaN for fewer than three parts, or where either side is
        constant.
    """
    one, other = np.asarray(effects, np.float64), np.asarray(masses, np.float64)
    if among is not None:
        chosen = np.asarray(among, bool)
        one, other = one[chosen], other[chosen]
    both = np.isfinite(one) & np.isfinite(other)
    return spearman(one[both], other[both])


def _normalised(weights: Weights, start: Frames, end: Frames, names: Sequence[str]) -> Weights:
    if weights.shape != (len(names), *start.shape[:2]) or start.shape != end.shape:
        raise ZollstockError(
            "parts",
            f"have shape {weights.shape}, for {len(names)} names and frames of {start.shape}",
            "a weight of each part in each pixel",
            "Bring them to the frames' size with zollstock.locate.parts.weights_for.",
        )
    total = weights.sum(0)
    if not (total > 0).all() or not (weights >= 0).all():
        raise ZollstockError(
            "parts",
            "leave pixels to no part, or have weights below 0",
            "shares that sum to 1",
            "Add a part for the rest of the picture.",
        )
    shares: Weights = weights / total
    return shares


def _all_values(
    predict: Predict, start: Frames, end: Frames, step: Weights, weights: Weights, batch: int
) -> Array:
    """Return the outputs of every coalition, (2^K, outputs), in order of their numbers."""
    count = 1 << len(weights)
    found = []
    for first in range(0, count, batch):
        rows = np.arange(first, min(first + batch, count))
        pictures = composites(start, step, weights, rows)
        if count > 1 and rows[-1] == count - 1:
            pictures[-1] = end  # whatever shares that sum to 0.9999999 round to
        values = np.asarray(predict(pictures), np.float64)
        found.append(values if values.ndim == 2 else values[:, None])
    return np.concatenate(found)
