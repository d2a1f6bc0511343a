"""Many p-values: false discovery rates, and one p-value for a group of images."""

import numpy as np
import numpy.typing as npt
from scipy.stats import combine_pvalues, false_discovery_control

from zollstock.arrays import Array
from zollstock.errors import ZollstockError


def _as_p(p: npt.ArrayLike) -> Array:
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1 or (values <= 0).any() or (values > 1).any():
        raise ZollstockError(
            "p-values",
            f"shape {values.shape} with values in "
            f"[{np.nanmin(values, initial=np.inf)}, {np.nanmax(values, initial=-np.inf)}]",
            "shape (N,), each above 0 and at most 1",
            "Use p-values with the +1: a Monte-Carlo p is never 0.",
        )
    return values


def _check_method(method: str, known: tuple[str, ...]) -> None:
    if method not in known:
        raise ZollstockError("method", repr(method), f"one of {', '.join(known)}", "Name one.")


def q_values(p: npt.ArrayLike, method: str = "bh") -> Array:
    """Return p-values adjusted to control the false discovery rate, shape (N,).

    Calling everything with q ≤ x a discovery keeps the expected share of false ones at or
    below x.

    Parameters
    ----------
    p
        Shape (N,); NaN is left out, does not count as a test, and stays NaN.
    method
        ``bh``: Benjamini & Hochberg (1995), for independent or positively dependent tests.
        ``by``: Benjamini & Yekutieli (2001), for any dependence, larger by Σ 1/i.

    Raises
    ------
    ZollstockError
        If a p is not in (0, 1] or the method is unknown.
    """
    _check_method(method, ("bh", "by"))
    values = _as_p(p)
    known = ~np.isnan(values)
    result = np.full(len(values), np.nan)
    if known.any():
        result[known] = false_discovery_control(values[known], method=method)
    return result


def combine_images(p: npt.ArrayLike, method: str = "fisher") -> float:
    r"""Return one p for "the property has no effect on any of these images".

    Parameters
    ----------
    p
        One p for each image, shape (N,); NaN is left out.
    method
        ``fisher``: -2 Σ log p against χ² with 2N degrees of freedom (Fisher 1925), for
        independent images. Monte-Carlo p-values are coarse, but P(p ≤ u) ≤ u holds for them
        (super-uniform), so -2 log p is stochastically at most χ² with 2 degrees of freedom
        and the result stays valid, if conservative.
        ``geometric``: e times the geometric mean, at most 1 (Vovk & Wang, Biometrika 107,
        2020), valid under any dependence, for images that share placebos, scenes or sources.

    Returns
    -------
    float
        In (0, 1]; NaN without a p. One p is returned as it is.

    Raises
    ------
    ZollstockError
        If a p is not in (0, 1] or the method is unknown.

    Notes
    -----
    Why ``geometric`` is valid, for any level a: g(p) = max(0, log(a/p))/a has E g(p) ≤ 1 for
    a super-uniform p, since ∫₀ᵃ log(a/u)/a du = 1 and g decreases. It is convex in log p, so
    the mean of g(p_i) is at least g at the geometric mean, which is 1/a or more where the
    geometric mean is a/e or less. By Markov's inequality that happens with probability at
    most a.
    """
    _check_method(method, ("fisher", "geometric"))
    values = _as_p(p)
    values = np.sort(values[~np.isnan(values)])  # sorted: sums do not depend on the order
    if len(values) < 2:
        return float(values[0]) if len(values) else np.nan
    if method == "fisher":
        combined = float(combine_pvalues(values, method="fisher").pvalue)
    else:
        combined = float(np.exp(1.0 + np.log(values).mean()))
    return float(np.clip(combined, np.finfo(float).tiny, 1.0))
