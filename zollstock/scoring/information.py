"""Mutual information of a series and its grid, by nearest neighbours, for many permutations."""

from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.scoring._jit import jit

Array = npt.NDArray[np.float64]


@jit
def _ksg(x, y, neighbours, psi, nearest):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the KSG estimate (first algorithm) for x and an ascending y, at least 0.

    The nearest neighbours in max(|dx|, |dy|) are looked for outwards from each point in y;
    the search stops once |dy| alone is as large as the distance of the last one kept.
    """
    steps = x.size
    psi_sum = 0.0
    for i in range(steps):
        xi, yi = x[i], y[i]
        for m in range(neighbours):
            nearest[m] = np.inf
        left, right = i - 1, i + 1
        while left >= 0 or right < steps:
            dy_left = yi - y[left] if left >= 0 else np.inf
            dy_right = y[right] - yi if right < steps else np.inf
            if dy_left <= dy_right:
                dy, j = dy_left, left
                left -= 1
            else:
                dy, j = dy_right, right
                right += 1
            if dy >= nearest[neighbours - 1]:
                break
            distance = max(abs(xi - x[j]), dy)
            if distance < nearest[neighbours - 1]:
                m = neighbours - 1
                while m > 0 and nearest[m - 1] > distance:
                    nearest[m] = nearest[m - 1]
                    m -= 1
                nearest[m] = distance
        radius = nearest[neighbours - 1]
        near_x, near_y = 0, 0  # both count the point itself
        for j in range(steps):
            dx, dy = abs(xi - x[j]), abs(yi - y[j])
            near_x += dx < radius or dx == 0.0
            near_y += dy < radius or dy == 0.0
        psi_sum += psi[near_x] + psi[near_y]
    return max(0.0, psi[steps] + psi[neighbours] - psi_sum / steps)


@jit
def _mi_null(p, noise, y, neighbours, psi, table, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the KSG estimate of (p[table[k]] + noise, y) to out[k]."""
    x = np.empty(p.size)
    nearest = np.empty(neighbours)
    for k in range(table.shape[0]):
        for i in range(p.size):
            x[i] = p[table[k, i]] + noise[i]
        out[k] = _ksg(x, y, neighbours, psi, nearest)


def _spread(values: Array) -> float:
    """Return the standard deviation that scikit-learn's `scale` divides by."""
    deviation = float(values.std())
    return deviation if deviation >= 10 * np.finfo(np.float64).eps else 1.0


def mi_null(p: Array, table: npt.NDArray[np.int32], neighbours: int) -> Array:
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
        Permutations, int32, shape (K, S).
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
    _mi_null(x, noise, y, neighbours, psi, table, out)
    return out
