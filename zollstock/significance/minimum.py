"""Tests against a minimum effect of interest δ, not against exactly none.

With enough draws the smallest difference becomes significant. Naming the smallest effect that
would matter, and testing whether the effect exceeds it, keeps "significant" and "large" together
(Murphy & Myors, Journal of Applied Psychology 84, 1999).
"""

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError
from zollstock.significance.placebo import Array, placebo_p
from zollstock.significance.signflip import FLIPS, sign_flip_p


def _as_delta(delta: npt.ArrayLike) -> Array:
    value = np.asarray(delta, dtype=np.float64)
    if not (np.isfinite(value) & (value >= 0)).all():
        raise ZollstockError(
            "delta",
            repr(delta),
            "a change of probability, 0 or more",
            "0.05 asks for five percentage points.",
        )
    return value


def minimum_effect_p(target: npt.ArrayLike, placebos: npt.ArrayLike, delta: npt.ArrayLike) -> Array:
    """Return p = (1 + #{placebo + δ ≥ target}) / (1 + #placebos) for each series, shape (N,).

    Tests "the property adds at most δ to what a placebo does". Valid for `net` and `range`
    where the target's series is one exchangeable with the placebos' plus a contribution
    e of the property with net(e) ≤ δ (or range(e) ≤ δ): both statistics obey the triangle
    inequality, so the target's is at most the placebo-like one's plus δ. δ = 0 is `placebo_p`.

    Parameters
    ----------
    target, placebos
        As in `zollstock.significance.placebo.placebo_p`.
    delta
        δ ≥ 0 in the unit of the statistic, one number or one for each series (N,).

    Raises
    ------
    ZollstockError
        If δ is negative or not finite, or shapes do not fit.
    """
    return placebo_p(np.asarray(target, dtype=np.float64) - _as_delta(delta), placebos)


def minimum_effect_group(
    values: npt.ArrayLike, delta: float, seed: int = 0, flips: int = FLIPS
) -> float:
    """Return one p for "the mean effect over the images is at most δ".

    A one-sided sign-flip test of values - δ: exact in any number of images if they are
    independent and their effects symmetric about a common centre, without Student's normal
    distribution, which a handful of images cannot check. It needs the symmetry: with 10
    images and exponential tails the level at .05 is .015 where the long tail is on the right,
    the usual shape, and .14 where it is on the left. n images give p of at least 1/2ⁿ, so
    fewer than 5 can never be significant at .05.

    Parameters
    ----------
    values
        One effect per image, shape (N,): signed, or the excess over the mean of the image's
        placebos. NaN is left out.
    delta
        δ ≥ 0 in the unit of the values.
    seed, flips
        Used above 16 images, see `zollstock.significance.signflip.sign_flip_p`.

    Returns
    -------
    float
        In (0, 1]; NaN without values.

    Raises
    ------
    ZollstockError
        If δ is negative or values is not one row.
    """
    effects = np.asarray(values, dtype=np.float64)
    if effects.ndim != 1:
        raise ZollstockError(
            "values", f"shape {effects.shape}", "(N,), one per image", "Average within images."
        )
    return float(sign_flip_p((effects - _as_delta(delta))[None], "greater", seed, flips)[0])
