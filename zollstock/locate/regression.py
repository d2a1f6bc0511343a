"""Linear regression of outputs on kept segments, which says where it has no answer."""

import numpy as np

from zollstock.arrays import Array, Flags

_RANK = 1e-9
"""Of the largest eigenvalue: a direction of less is none."""


def kernel_weights(kernel: str, z: Flags, width: float = 0.25) -> Array:
    """Return the weight of each sample, (N,).

    Parameters
    ----------
    kernel
        ``none``: 1. ``cosine``: √exp(−d²/width²), with d = 1 − √(kept/M), the cosine distance of
        a sample from the whole picture (Ribeiro et al. 2016). ``shapley``: see `shapley_weights`.
    z
        Kept segments, (N, M).
    width
        Of the cosine kernel.
    """
    if kernel == "cosine":
        distance = 1 - np.sqrt(z.mean(1))
        found: Array = np.exp(-((distance / width) ** 2) / 2)
        return found
    return shapley_weights(z, by_size=True) if kernel == "shapley" else np.ones(len(z))


def shapley_weights(z: Flags, by_size: bool) -> Array:
    """Return the weight that Kernel SHAP gives each sample, (N,).

    A coalition of s of M segments has the weight (M − 1)/(C(M, s) s (M − s)) (Lundberg & Lee 2017).
    That is right for coalitions that are drawn alike from all. Samples that were drawn by size,
    with other shares, must share the weight of their size, (M − 1)/(s (M − s)), instead; this is
    the same thing where all coalitions are there. The whole and the empty sample have 0 here:
    theirs is infinite, and what they say is a constraint.

    Parameters
    ----------
    z
        Kept segments, (N, M).
    by_size
        Whether samples of a size share that size's weight.
    """
    from scipy.special import gammaln

    m, size = z.shape[1], z.sum(1)
    between = (size > 0) & (size < m)
    s = np.where(between, size, 1)
    weight = np.where(between, (m - 1) / (s * np.maximum(m - s, 1)), 0.0)
    if by_size:
        return weight / np.bincount(size, minlength=m + 1)[size]
    logs = gammaln(m + 1) - gammaln(s + 1) - gammaln(np.maximum(m - s, 0) + 1)
    # Relative to the most frequent size: of 400 segments the weights themselves are below 1e-100.
    logs = np.where(between, logs, -np.inf)
    least = logs[between].min() if between.any() else 0.0
    return weight * np.where(between, np.exp(least - np.where(between, logs, least)), 0.0)


def weighted_fit(x: Array, y: Array, weights: Array, ridge: float = 0.0) -> Array:
    """Return the b that minimises Σ_n w_n (y_n − x_n b)² + ridge |b|², (M, K).

    Without a ridge a coefficient that the samples do not determine is NaN.

    Parameters
    ----------
    x, y
        (N, M) and (N, K).
    weights
        w, (N,).
    ridge
        Penalty.
    """
    found, free = _solved(x, y, weights, ridge)
    found[np.abs(free).max(1, initial=0.0) > 1e-6] = np.nan
    return found


def with_intercept(z: Flags, y: Array, weights: Array, ridge: float = 0.0) -> Array:
    """Return the slopes of y on z, (M, K), with an intercept that no ridge holds down."""
    total = weights.sum()
    if not total > 0:
        return np.full((z.shape[1], y.shape[1]), np.nan)
    x = z.astype(float)
    x = x - weights @ x / total
    return weighted_fit(x, y - weights @ y / total, weights, ridge)


def with_sum(z: Flags, y: Array, weights: Array, total: Array) -> Array:
    """Return the slopes of y on z without an intercept whose sum is `total`, (M, K).

    Parameters
    ----------
    z, y
        (N, M) and (N, K).
    weights
        (N,).
    total
        What the slopes sum to exactly, (K,).
    """
    m = z.shape[1]
    x = z.astype(float)
    # Slopes are total/M + (what sums to zero); the latter has an orthonormal basis.
    basis = np.linalg.svd(np.ones((1, m)))[2][1:].T
    left = y - x.sum(1)[:, None] * total / m
    found, free = _solved(x @ basis, left, weights, 0.0)
    slopes: Array = total / m + basis @ found
    slopes[np.abs(basis @ free).max(1, initial=0.0) > 1e-6] = np.nan
    return slopes


def _solved(x: Array, y: Array, weights: Array, ridge: float) -> tuple[Array, Array]:
    """Return the shortest solution, (M, K), and the directions that nothing determines, (M, F)."""
    gram = (x * weights[:, None]).T @ x
    values, vectors = np.linalg.eigh(gram)
    known = values > _RANK * max(values.max(initial=0.0), 1e-300)
    right = vectors.T @ ((x * weights[:, None]).T @ y)
    if ridge:
        values, known = values + ridge, np.ones(len(values), bool)
    scaled = np.where(known, 1 / np.where(known, values, 1.0), 0.0)[:, None] * right
    return vectors @ scaled, vectors[:, ~known]
