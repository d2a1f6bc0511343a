"""The sign-flip test: whether repeats agree on the direction of an effect.

A path made with several seeds gives as many slopes. If the property has no direction, each
slope is as likely as its negative, whatever the noise along a path looks like: autocorrelated
steps make slopes wider, not lopsided. The test turns the signs of whole slopes, so the number
of repeats, not of steps, limits what it can say. Source: Fisher, The Design of Experiments
(1935), § 21; Winkler et al., NeuroImage 92 (2014).
"""

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.seeds import rng_for
from zollstock.significance.placebo import ROUNDING

EXACT = 16  # up to so many values all 2^R flips are taken
FLIPS = 20_000  # drawn above that
_NUMBERS = 2**20  # held at a time


def _all_sums(values: Array, two_sided: bool) -> Array:
    """Return Σ ±v of rows (n, r) over all signs, the signs as they are first.

    The two-sided test leaves out the flips of the first sign: they repeat the absolute sums.
    """
    sums = values[:, :1] if two_sided else np.concatenate([values[:, :1], -values[:, :1]], axis=1)
    for column in values.T[1:]:
        sums = np.concatenate([sums + column[:, None], sums - column[:, None]], axis=1)
    return sums


def _tail(values: Array, two_sided: bool, seed: int, flips: int) -> Array:
    """Return p of rows (n, r) without missing values."""
    r = values.shape[1]
    exact = r <= EXACT
    if exact:
        sums = _all_sums(values, two_sided)
        observed = sums[:, 0]
    else:
        signs = rng_for("sign flips", seed, r).integers(0, 2, size=(flips, r)) * 2.0 - 1.0
        sums = values @ signs.T
        observed = values.sum(axis=1)
    if two_sided:
        sums, observed = np.abs(sums), np.abs(observed)
    slack = ROUNDING * np.maximum(1.0, np.abs(values).sum(axis=1))
    count = (sums >= (observed - slack)[:, None]).sum(axis=1)
    p: Array = count / sums.shape[1] if exact else (count + 1) / (flips + 1)
    return p


def sign_flip_p(
    values: npt.ArrayLike, alternative: str = "two-sided", seed: int = 0, flips: int = FLIPS
) -> Array:
    """Return p of the sum of each row under independent turns of the signs, shape (N,).

    Exact up to 16 values: the share of all 2^R flips, the observed one included, whose sum
    is at least as extreme. Above that (b + 1)/(flips + 1) over seeded flips that all rows
    with as many values share. Valid if, under the null, the values are independent and each
    is symmetric about 0. The smallest p is 2/2^R two-sided and 1/2^R one-sided.

    Parameters
    ----------
    values
        Shape (N, R); NaN values are left out.
    alternative
        ``two-sided`` or ``greater``.
    seed, flips
        Seed and number of the drawn flips.

    Returns
    -------
    Array
        NaN for a row without values.

    Raises
    ------
    ZollstockError
        If the shape or the alternative is wrong.
    """
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 2:
        raise ZollstockError(
            "values", f"shape {rows.shape}", "(N, R)", "Pass one row of repeats per series."
        )
    if alternative not in ("two-sided", "greater"):
        raise ZollstockError(
            "alternative", repr(alternative), "'two-sided' or 'greater'", "Name one of these."
        )
    finite = np.isfinite(rows)
    counts = finite.sum(axis=1)
    p = np.full(len(rows), np.nan)
    for r in np.unique(counts[counts > 0]):
        same = np.flatnonzero(counts == r)
        size = max(1, _NUMBERS // (2 ** int(r) if r <= EXACT else flips))
        for first in range(0, len(same), size):
            part = same[first : first + size]
            kept = rows[part][finite[part]].reshape(len(part), int(r))
            p[part] = _tail(kept, alternative == "two-sided", seed, flips)
    return p


def slopes(series: npt.ArrayLike, axis: npt.ArrayLike | None = None) -> Array:
    """Return the least-squares slope of each series (…, S), shape (…).

    Parameters
    ----------
    series
        Followed probability; NaN at unused trailing steps.
    axis
        The property's values, rising or falling throughout, any shape that broadcasts with
        `series` from the left ((S,), or (N, S) for (N, R, S)); NaN at unused steps. Default:
        evenly spaced.

    Returns
    -------
    Array
        Σ (x - x̄)(p - p̄) / Σ (x - x̄)², x = (axis - first)/(last - first): probability per
        range of the property. NaN with NaN at a used step or fewer than 2 steps.

    Raises
    ------
    ZollstockError
        If the axis does not fit or turns.
    """
    p = np.asarray(series, dtype=np.float64)
    if axis is None:
        finite = np.isfinite(p)
        after = np.flip(np.logical_or.accumulate(np.flip(finite, -1), axis=-1), -1)
        along = np.where(after, np.arange(p.shape[-1], dtype=np.float64), np.nan)
    else:
        along = np.asarray(axis, dtype=np.float64)
        while along.ndim > 1 and along.ndim < p.ndim:
            along = along[:, None]
        try:
            along = np.broadcast_to(along, p.shape)
        except ValueError:
            raise ZollstockError(
                "axis",
                f"shape {np.shape(axis)} for series {p.shape}",
                "one value for each step",
                "Pass (S,), or (N, S) for series (N, R, S).",
            ) from None
    used = np.isfinite(along)
    low = np.where(used, along, np.inf).min(axis=-1, keepdims=True)
    high = np.where(used, along, -np.inf).max(axis=-1, keepdims=True)
    first = np.take_along_axis(along, used.argmax(axis=-1)[..., None], axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        if axis is not None:
            _check_monotone(along, used)
        reach = np.where(first == low, high - low, low - high)
        x = np.where(used, (along - first) / reach, 0.0)
        number = used.sum(axis=-1, keepdims=True)
        centred = np.where(used, x - x.sum(axis=-1, keepdims=True) / number, 0.0)
        # From the first value, so that a constant series has a slope of exactly 0.
        change = np.where(used, p - p[..., :1], 0.0)
        result: Array = (centred * change).sum(axis=-1) / (centred**2).sum(axis=-1)
    return np.where(number[..., 0] >= 2, result, np.nan)


def _check_monotone(along: Array, used: npt.NDArray[np.bool_]) -> None:
    steps = np.diff(along, axis=-1)
    between = used[..., 1:] & used[..., :-1]
    rising = np.where(between, steps > 0, True).all(axis=-1)
    falling = np.where(between, steps < 0, True).all(axis=-1)
    if not (rising | falling).all():
        raise ZollstockError(
            "axis",
            "values that turn or repeat",
            "values that rise or fall throughout",
            "Sort the steps by the property and drop repeated ones.",
        )


def slope_signflip(
    series: npt.ArrayLike,
    axis: npt.ArrayLike | None = None,
    seed: int = 0,
    flips: int = FLIPS,
) -> tuple[Array, Array]:
    """Test whether replicate seeds of a path agree on a direction.

    Parameters
    ----------
    series
        Shape (R, S) for one path or (N, R, S) for several: R replicate seeds, S steps.
    axis
        Shape (S,) or (N, S), see `slopes`.
    seed, flips
        Used above 16 replicates, see `sign_flip_p`.

    Returns
    -------
    slope
        Mean of the replicates' slopes, probability per range of the property; a number of
        shape () for one path, otherwise (N,). Replicates without a slope are left out.
    p
        Two-sided, of the same shape. With R replicates at least 2/2^R: no fewer than 6 can be
        significant at .05. 1 where every slope is 0; NaN without replicates.

    Raises
    ------
    ZollstockError
        If shapes do not fit or the axis turns.
    """
    values = np.asarray(series, dtype=np.float64)
    if values.ndim not in (2, 3) or values.shape[-1] == 0:
        raise ZollstockError(
            "replicate series", f"shape {values.shape}", "(R, S) or (N, R, S)", "Stack the seeds."
        )
    single = values.ndim == 2
    each = slopes(values[None] if single else values, axis)
    known = np.isfinite(each)
    number = known.sum(axis=1)
    total = np.where(known, each, 0.0).sum(axis=1)
    mean = np.divide(total, number, out=np.full(len(each), np.nan), where=number > 0)
    p = sign_flip_p(each, "two-sided", seed, flips)
    return (mean[0], p[0]) if single else (mean, p)
