"""Placebo tests that stop early: draws cost edits, and most decisions need few.

Both forms walk through the draws of a series in their order (the replicate number) and count
the exceedances b among the first k. They assume what `placebo_p` assumes, that target and
placebos are exchangeable.

Besag & Clifford, "Sequential Monte Carlo p-values", Biometrika 78 (1991), fix beforehand when
to stop. Fischer & Ramdas, "Sequential Monte-Carlo testing by betting", arXiv 2401.07365, allow
to look after every draw and to stop for any reason.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array, Counts, Flags
from zollstock.errors import ZollstockError
from zollstock.significance.placebo import ROWS, as_target_and_placebos, threshold

_DRAWS = 64  # draws looked at between two checks of which series go on


@dataclass(frozen=True)
class Sequential:
    """Result of a sequential test, one entry a series, shape (N,) each.

    Parameters
    ----------
    p
        In (0, 1]; NaN where the target is NaN or has no placebo.
    used
        How many draws were looked at.
    exceed
        How many of these were at least as large as the target.
    decided
        Whether further draws would change nothing. `besag_clifford`: stopped, or all K draws
        are there. `betting`: stopped, for or against the null.
    """

    p: Array
    used: Counts
    exceed: Counts
    decided: Flags


def _check_stop(stop_after: int) -> None:
    if isinstance(stop_after, bool) or int(stop_after) != stop_after or stop_after < 1:
        raise ZollstockError(
            "stop_after",
            repr(stop_after),
            "a whole number of exceedances, 1 or more",
            "10 keeps the error of a large p within about a third of it.",
        )


def _compare(limits: Array, draws: npt.NDArray[Any]) -> tuple[Flags, Flags]:
    """Return which draws (n, K) were made, and which are at least as large as the target."""
    made = np.isfinite(draws)
    return made, made & (draws >= limits[:, None])


def besag_clifford(target: npt.ArrayLike, placebos: npt.ArrayLike, stop_after: int) -> Sequential:
    """Stop a series at its h-th exceedance.

    p = h/k if the h-th exceedance is draw k, otherwise (b + 1)/(K + 1) as in `placebo_p`.
    Valid for this stopping rule and no other: P(p ≤ u) ≤ u under exchangeability.

    Parameters
    ----------
    target
        Shape (N,).
    placebos
        Shape (N, K) in the order drawn. NaN, for draws not made yet or failed, is passed over.
    stop_after
        h.

    Returns
    -------
    Sequential
        With fewer than K draws and no stop, p is that of the draws there are and `decided`
        is False.

    Raises
    ------
    ZollstockError
        If shapes do not fit or h is not a positive whole number.
    """
    _check_stop(stop_after)
    values, draws = as_target_and_placebos(target, placebos)
    limits = threshold(values)
    number, columns = draws.shape
    p = np.full(number, np.nan)
    used, exceed = np.zeros(number, np.int64), np.zeros(number, np.int64)
    decided = np.zeros(number, np.bool_)
    for first in range(0, number if columns else 0, ROWS):
        part = slice(first, first + ROWS)
        made, larger = _compare(limits[part], draws[part])
        count = larger.cumsum(axis=1, dtype=np.int32)
        stopped = count[:, -1] >= stop_after
        end = np.where(stopped, (count >= stop_after).argmax(axis=1), columns - 1)
        rows = np.arange(len(made))
        k = made.cumsum(axis=1, dtype=np.int32)[rows, end].astype(np.int64)
        b = count[rows, end].astype(np.int64)
        known = np.isfinite(values[part]) & (k > 0)
        chance = np.where(stopped, b / np.maximum(k, 1), (b + 1) / (k + 1))
        p[part] = np.where(known, chance, np.nan)
        used[part] = np.where(known, k, 0)
        exceed[part] = np.where(known, b, 0)
        decided[part] = known & (stopped | (k == columns))
    return Sequential(p, used, exceed, decided)


def draws_needed(
    target: npt.ArrayLike, placebos_so_far: npt.ArrayLike, stop_after: int
) -> npt.NDArray[np.int64]:
    """Return how many further draws of each series `besag_clifford` wants at least, shape (N,).

    So many can be made at once, and none of them in vain: each may reach the target.

    Parameters
    ----------
    target
        Shape (N,); a series with NaN wants none.
    placebos_so_far
        Shape (N, k), k may be 0; NaN for draws not made or failed. Whoever draws limits the
        number of draws.
    stop_after
        h.

    Raises
    ------
    ZollstockError
        If shapes do not fit or h is not a positive whole number.
    """
    _check_stop(stop_after)
    values, so_far = as_target_and_placebos(target, placebos_so_far)
    _, larger = _compare(threshold(values), so_far)
    missing = np.maximum(stop_after - larger.sum(axis=1), 0)
    return np.where(np.isfinite(values), missing, 0)


def wealth(draws: npt.ArrayLike, exceed: npt.ArrayLike, c: float) -> Array:
    r"""Return the wealth of the binomial mixture strategy after k draws with b exceedances.

    Under exchangeability the rank of the target is uniform, so a given order of b exceedances
    in k draws has probability ∫₀¹ u^b (1 - u)^(k-b) du = B(b + 1, k - b + 1), and the next draw
    exceeds with probability (b + 1)/(k + 2). The strategy bets that exceedances are
    independent with a probability u drawn evenly from [0, c]. The ratio of the two,

        W = (1/c) ∫₀ᶜ u^b (1 - u)^(k-b) du / B(b + 1, k - b + 1) = I_c(b + 1, k - b + 1) / c,

    is a likelihood ratio and so a test martingale: W = 1 before the first draw, never
    negative, and the expected next W is W. It lies below 1/c. For c → 0, here c = 0, all is
    bet on no exceedance: W = k + 1 until the first, then 0 (the aggressive strategy).
    """
    k, b = np.asarray(draws, dtype=np.float64), np.asarray(exceed, dtype=np.float64)
    if c == 0:
        return np.where(b == 0, k + 1, 0.0)
    from scipy.special import betainc  # a quarter of a second, which most jobs save

    result: Array = betainc(b + 1, k - b + 1, c) / c
    return result


def betting(
    target: npt.ArrayLike,
    placebos: npt.ArrayLike,
    alpha: float = 0.05,
    c: float | None = None,
) -> Sequential:
    """Test at level alpha with leave to stop at any time.

    p = 1 / (largest `wealth` so far). By Ville's inequality P(p ≤ u at any time) ≤ u under
    exchangeability, so the number of draws may depend on the draws. Ties count as
    exceedances, which only lowers the wealth. A series stops when its wealth reaches 1/alpha
    (rejected) or falls below alpha (futile).

    p is at least c and serves a decision at alpha, not a ranking: for false discovery rates
    use `besag_clifford`. To reject takes at least 50 draws at alpha = .05
    (c = alpha/2: 27, c = 0: 19).

    Parameters
    ----------
    target, placebos
        As in `besag_clifford`.
    alpha
        Level.
    c
        Largest probability of exceedance the strategy bets on, in [0, alpha). Default .9 alpha,
        near which the test decides as the fixed test with many draws would.

    Raises
    ------
    ZollstockError
        If shapes do not fit, or alpha or c is out of range.
    """
    if not 0 < alpha < 1:
        raise ZollstockError("alpha", repr(alpha), "a level between 0 and 1", "Use 0.05.")
    bet = 0.9 * alpha if c is None else float(c)
    if not 0 <= bet < alpha:
        raise ZollstockError(
            "c", repr(c), f"at least 0 and below alpha = {alpha}", "Leave it out for .9 alpha."
        )
    values, draws = as_target_and_placebos(target, placebos)
    limits = threshold(values)
    number, columns = draws.shape
    best = np.ones(number)
    used, exceed = np.zeros(number, np.int64), np.zeros(number, np.int64)
    decided = np.zeros(number, np.bool_)
    for top in range(0, number, 8 * ROWS):
        active = top + np.flatnonzero(np.isfinite(values[top : top + 8 * ROWS]))
        for first in range(0, columns, _DRAWS):
            block = draws[active, first : first + _DRAWS]
            made, larger = _compare(limits[active], block)
            k = used[active, None] + made.cumsum(axis=1)
            b = exceed[active, None] + larger.cumsum(axis=1)
            worth = wealth(k, b, bet)
            stop = (worth >= 1 / alpha) | (worth < alpha)
            stopped = stop.any(axis=1)
            end = np.where(stopped, stop.argmax(axis=1), stop.shape[1] - 1)
            rows = np.arange(len(active))
            worth[np.arange(stop.shape[1]) > end[:, None]] = 0.0
            best[active] = np.maximum(best[active], worth.max(axis=1))
            used[active], exceed[active] = k[rows, end], b[rows, end]
            decided[active] = stopped
            active = active[~stopped]
            if not active.size:
                break
    return Sequential(np.where(used > 0, 1 / best, np.nan), used, exceed, decided)
