"""Mutual information of a series and its grid, by nearest neighbours, for many permutations."""

from typing import Any

import numpy as np

from zollstock.arrays import Array, Indices
from zollstock.scoring.compiled import compiled, worth_compiling

_SECONDS = 1.3e-8  # of NumPy, for a pair of steps in one permutation
_ORDERS = 256  # permutations at a time: they stay in the cache


def _orders(x: Array, y: Array, neighbours: int, psi: Array) -> Array:
    """Return the KSG estimate (first algorithm) of each row of x (K, S) and an ascending y.

    The same as `zollstock.scoring.kernels.ksg`, to the bit, for many rows at a time.
    """
    steps = y.size
    total = np.zeros(len(x))
    for i in range(steps):
        dx, dy = np.abs(x - x[:, i : i + 1]), np.abs(y - y[i])
        distance = np.maximum(dx, dy)
        # The point itself has distance 0 and comes first.
        radius = np.partition(distance, neighbours, axis=1)[:, neighbours, None]
        near_x = ((dx < radius) | (dx == 0)).sum(axis=1)
        near_y = ((dy < radius) | (dy == 0)).sum(axis=1)
        total += psi[near_x] + psi[near_y]
    return np.maximum(0.0, psi[steps] + psi[neighbours] - total / steps)


def _spread(values: Array) -> float:
    """Return the standard deviation that scikit-learn's `scale` divides by."""
    deviation = float(values.std())
    return deviation if deviation >= 10 * np.finfo(np.float64).eps else 1.0


def mi_null(p: Array, table: Indices, neighbours: int) -> Array:
    """Return the KSG mutual information of p[table[k]] and the grid, for every k.

    The value is that of scikit-learn's ``mutual_info_regression(p[table[k]][:, None],
    linspace(0, 1, S), n_neighbors=5, random_state=0)``: both variables are divided by their
    standard deviation and receive noise of 1e-10 that breaks ties. Scale and noise are
    worked out once; the noise belongs to the place in the path, so it stays where it is
    while p is permuted.

    Parameters
    ----------
    p
        Finite series, shape (S,), S > neighbours.
    table
        Permutations, shape (K, S).
    neighbours
        Number k of nearest neighbours.

    Returns
    -------
    ndarray
        Nats, shape (K,), never negative. Source: Kraskov et al., Phys. Rev. E 69, 066138
        (2004), equation 8, as in scikit-learn.
    """
    steps = p.size
    # scikit-learn's seeded noise comes from the legacy generator.
    rng: Any = np.random.RandomState(0)
    noise = rng.standard_normal(steps)
    noise_y = rng.standard_normal(steps)
    x = p / _spread(p)
    y = np.linspace(0, 1, steps)
    y /= _spread(y)
    noise *= 1e-10 * max(1.0, np.abs(x).mean())
    y += 1e-10 * max(1.0, np.abs(y).mean()) * noise_y
    psi = np.zeros(steps + 1)
    # The digamma function of whole numbers: ψ(n) = 1 + 1/2 + … + 1/(n − 1) − γ.
    psi[1:] = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, steps))]) - np.euler_gamma
    out = np.empty(len(table))
    if worth_compiling(_SECONDS * table.size * steps):
        orders = table.astype(np.intp)  # numba compiles for each kind of integer
        compiled().mi_orders(x, noise, y, neighbours, psi, orders, out)
        return out
    for first in range(0, len(table), _ORDERS):
        part = slice(first, first + _ORDERS)
        out[part] = _orders(x[table[part]] + noise, y, neighbours, psi)
    return out
