"""Intervals for means over images that were each measured several times."""

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.seeds import rng_for

_NUMBERS = 2**20  # held at a time


def hierarchical_bootstrap(
    values: npt.ArrayLike,
    clusters: npt.ArrayLike,
    *seed: object,
    level: float = 0.95,
    draws: int = 2000,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean over images of their means.

    Every draw takes images with replacement, and replicates with replacement inside each
    image taken; every image weighs the same, however many replicates it has. With one
    replicate an image this is the plain percentile bootstrap over images.

    Parameters
    ----------
    values
        Shape (M,); NaN is left out.
    clusters
        Image of each value, shape (M,), compared as text.
    *seed
        Names the draw.
    level
        Coverage aimed at.
    draws
        Number of bootstrap draws.

    Returns
    -------
    tuple
        Low and high; (nan, nan) with fewer than 2 images.

    Raises
    ------
    ZollstockError
        If values and clusters differ in shape.

    Notes
    -----
    Davison & Hinkley, Bootstrap Methods and their Application (1997), § 3.8. Images and
    replicates are sorted first, so the order of rows does not matter. The scatter of
    replicates enters twice, through the images' means and through the second stage: with
    few noisy replicates the interval is somewhat too wide, with few images too short.
    """
    numbers = np.asarray(values, dtype=np.float64)
    names = np.asarray(clusters).astype(str)
    if numbers.ndim != 1 or names.shape != numbers.shape:
        raise ZollstockError(
            "values and clusters",
            f"shapes {numbers.shape} and {names.shape}",
            "(M,) both",
            "Name the image of every value.",
        )
    finite = np.isfinite(numbers)
    numbers, names = numbers[finite], names[finite]
    order = np.lexsort((numbers, names))
    _, starts, counts = np.unique(names[order], return_index=True, return_counts=True)
    images = len(starts)
    if images < 2:
        return (np.nan, np.nan)
    sorted_values = numbers[order]
    rng = rng_for("bootstrap", *seed)
    taken = rng.integers(images, size=(draws, images))
    means = np.empty(draws)
    size = max(1, _NUMBERS // int(images * counts.max()))
    for first in range(0, draws, size):
        chosen = taken[first : first + size]
        means[first : first + size] = _draw(sorted_values, starts, counts, chosen, rng)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return (float(low), float(high))


def _draw(
    values: Array,
    starts: npt.NDArray[np.intp],
    counts: npt.NDArray[np.intp],
    chosen: npt.NDArray[np.int64],
    rng: np.random.Generator,
) -> Array:
    """Return the mean of each draw, shape (draws,); `chosen` holds its images, (draws, n)."""
    most = int(counts.max())
    if most == 1:
        means: Array = values[chosen].mean(axis=1)
        return means
    number = counts[chosen][..., None]
    # Uniform numbers, since their stream does not depend on how many are asked for at once.
    which = starts[chosen][..., None] + (rng.random((*chosen.shape, most)) * number).astype(int)
    kept = np.arange(most) < number
    inside = np.where(kept, values[which], 0.0).sum(axis=-1) / number[..., 0]
    result: Array = inside.mean(axis=1)
    return result
