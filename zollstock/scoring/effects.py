"""Sizes of effects along a path: gradients of higher order, spans, whole class vectors, margins.

See `zollstock.scoring.series` for what a series is; x = (axis - first) / (last - first).
"""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.scoring.series import Block, Series, SeriesLike, as_axis, clean_block, real_array
from zollstock.scoring.statistics import direction, evaluate

ORDERS = (1, 2, 4)
_AT_ONCE = 2**22  # numbers of class vectors held in float64 at a time


def derivative(rows: Array, x: Array, order: int) -> Array:
    """Return dp/dx at the steps from polynomials through order + 1 neighbouring steps.

    The weights are those of Fornberg, "Generation of finite difference formulas on
    arbitrarily spaced grids", Mathematics of Computation 51 (1988). For a first derivative
    at a node they are w_j / (w_k (x_k - x_j)) with the barycentric weights
    w_j = 1 / Π (x_j - x_l) (Berrut & Trefethen, SIAM Review 46 (2004), section 9.3).

    Parameters
    ----------
    rows, x
        Finite values and a rising axis, shape (n, S), S > order.
    order
        Even; the neighbours are order / 2 steps on each side, fewer and more at the ends.
    """
    steps = rows.shape[1]
    first = np.clip(np.arange(steps) - order // 2, 0, steps - 1 - order)
    stencil = first[:, None] + np.arange(order + 1)  # (S, order + 1)
    here = np.arange(steps) - first  # where the step itself stands in its stencil
    nodes = x[:, stencil]
    # Distances in units of the stencil's width: products of many small ones would underflow.
    nodes = (nodes - nodes[..., :1]) / (width := nodes[..., -1:] - nodes[..., :1])
    apart = nodes[..., :, None] - nodes[..., None, :]
    own = np.arange(order + 1)
    apart[..., own, own] = 1
    weight = 1 / apart.prod(axis=-1)
    at = (slice(None), np.arange(steps), here)
    ratio = weight / weight[at][..., None]
    distance = nodes[at][..., None] - nodes
    change = rows[:, stencil] - rows[..., None]  # differences: a constant gives exactly 0
    slope = np.divide(ratio * change, distance, out=np.zeros_like(change), where=distance != 0)
    return np.asarray(slope.sum(axis=-1) / width[..., 0])


def gradient_magnitude(p: SeriesLike, axis: npt.ArrayLike | None = None, order: int = 1) -> Any:  # noqa: ANN401 - float or array, as p
    """Return ∫ |dp/dx| dx over the path, the expected property gradient magnitude.

    Parameters
    ----------
    p
        Shape (S,) or (N, S).
    axis
        The property's values, (S,) or (N, S), rising or falling throughout; default even.
    order
        1: p is a straight line between steps, the integral Σ |p_{i+1} - p_i|, the statistic
        ``epgm``. 2 or 4: the slope at each step by `derivative`, its magnitude
        integrated by the trapezoid rule. Order 4 is worth it only for clean smooth curves that
        turn and have about 9 steps; a monotone curve is exact at order 1.

    Raises
    ------
    ZollstockError
        If the order is none of these, p has another shape or fewer than order + 1 steps, or
        the axis does not fit it.
    """
    if isinstance(order, bool) or order not in ORDERS:
        raise ZollstockError(
            "order", repr(order), f"one of {', '.join(map(str, ORDERS))}", "Use 1 for epgm."
        )
    if order == 1:
        return evaluate("epgm", p, axis)

    def size(block: Block) -> Array:
        x = block.x
        slope = np.abs(derivative(block.rows, x, order))
        return np.asarray(np.trapezoid(slope, x, axis=1))

    return Series.of(p, axis, min_steps=order + 1).each(size)


def signed_change(p: SeriesLike) -> Any:  # noqa: ANN401 - float or array, as p
    """Return p(1) - p(0), last less first; (S,) or (N, S) as `statistics.direction`."""
    return direction(p)


def mean_gradient(p: SeriesLike) -> Any:  # noqa: ANN401 - float or array, as p
    """Return the mean of ``numpy.gradient(p)``, the signed counterpart of ``paper_grad``.

    Per step, as that. Changes to and fro cancel: from three steps on it is
    (3 (p_S - p_1) - (p_{S-1} - p_2)) / 2S, whatever happens between, and of a straight line
    `signed_change` / (S - 1). Shapes as in `signed_change`.
    """
    return Series.of(p).each(lambda block: np.gradient(block.rows, axis=1).mean(axis=1))


def value_range(p: SeriesLike) -> Any:  # noqa: ANN401 - float or array, as p
    """Return max - min along the path; shapes (S,) or (N, S), at least 2 steps."""
    return Series.of(p).each(lambda block: block.rows.max(axis=1) - block.rows.min(axis=1))


def log_odds(p: npt.ArrayLike, unedited: npt.ArrayLike, classes: int) -> Array:
    """Return by how much the log odds of a class range along each path, shape (N,).

    max − min of ln(q / (1 − q)) over the path and its unedited picture, with q the probability,
    but no less than 0.1/C and no more than 1 − 0.1/C of C classes: below a tenth of chance a model
    rules a class out, and how firmly is of no interest. ln 2 is a doubling of the odds: from .5 to
    .67 of two classes, from .001 to .002 of a thousand.

    Parameters
    ----------
    p
        Probabilities, shape (N, S).
    unedited
        Of the unedited pictures, shape (N,).
    classes
        C, 1 or more; a single one counts as one of two.

    Returns
    -------
    ndarray
        NaN where a probability is.
    """
    values = np.column_stack([np.asarray(p, np.float64), np.asarray(unedited, np.float64)])
    odds = clipped_log_odds(values, classes)
    return np.asarray(odds.max(axis=1) - odds.min(axis=1))


def clipped_log_odds(p: Array, classes: int) -> Array:
    """Return ln(q / (1 − q)) of probabilities that are held as in `log_odds`, as p."""
    least = 0.1 / max(classes, 2)
    clipped = np.clip(p, least, 1 - least)
    return np.asarray(np.log(clipped / (1 - clipped)))


def tv_ratio(p: SeriesLike, axis: npt.ArrayLike | None = None) -> Any:  # noqa: ANN401 - float or array, as p
    """Return |p(1) - p(0)| / epgm: 1 for a monotone series, 0 for one that comes back.

    NaN for a constant series: it has no way to go, and 1 or 0 would enter a mean as if it had.
    Arguments and errors as in `gradient_magnitude`.
    """

    def ratio(block: Block) -> Array:
        total = np.abs(np.diff(block.rows, axis=1)).sum(axis=1)
        net = np.abs(block.rows[:, -1] - block.rows[:, 0])
        found = np.divide(net, total, out=np.full(len(total), np.nan), where=total > 0)
        return np.minimum(found, 1)  # rounding

    return Series.of(p, axis).each(ratio)


def _as_vectors(vectors: npt.ArrayLike, where: str) -> tuple[npt.NDArray[Any], bool]:
    """Check class vectors along paths and return them as (N, S, C), and whether one path."""
    fix = "Pass all classes along the path; flatten everything before the step axis."
    values = real_array(vectors, where, (2, 3), "(S, C) or (N, S, C)", fix)
    steps, classes = values.shape[-2:]
    if not classes:
        raise ZollstockError(where, "no class", "at least 1", fix)
    if steps < 2:
        raise ZollstockError(where, f"{steps} step(s)", "at least 2", "Make the path longer.")
    return (values[None], True) if values.ndim == 2 else (values, False)


def _changes(vectors: npt.ArrayLike, axis: npt.ArrayLike | None, fold: Any) -> Any:  # noqa: ANN401
    """Apply `fold` to |P_{i+1} - P_i|, shape (n, S - 1, C), block by block."""
    values, single = _as_vectors(vectors, "probabilities")
    number, steps, classes = values.shape
    as_axis(axis, (number, steps))
    block = max(1, _AT_ONCE // (steps * classes))
    answers = []
    for first in range(0, max(number, 1), block):
        rows, usable = clean_block(values[first : first + block].reshape(-1, steps * classes))
        change = np.abs(np.diff(rows.reshape(-1, steps, classes), axis=1))
        answer = fold(change)
        answer[~usable] = np.nan
        answers.append(answer)
    size = np.concatenate(answers)
    return size[0] if single else size


def vector_gradient(
    probabilities: npt.ArrayLike,
    axis: npt.ArrayLike | None = None,
    norm: Literal["l2", "tv"] = "l2",
) -> Any:  # noqa: ANN401 - float or array, as the input
    """Return how far the whole class vector P travels along the path.

    Parameters
    ----------
    probabilities
        Shape (S, C) or (N, S, C).
    axis
        Shape (S,) or (N, S); checked only, since the widths of straight pieces cancel.
    norm
        ``l2``: ∫ ‖dP/dx‖₂ dx = Σ ‖P_{i+1} - P_i‖₂, the length of the curve. ``tv``: total
        variation distance, Σ ½ Σ_c |P_{i+1,c} - P_{i,c}|: the probability that changes
        class; with two classes the `epgm` of either. Both are 0 for a constant path.

    Returns
    -------
    float or ndarray
        Shape () or (N,); NaN where any class at any step is NaN or infinite.

    Raises
    ------
    ZollstockError
        If the norm is unknown, a shape is wrong, or the axis does not fit.
    """
    if norm == "l2":
        size = _changes(probabilities, axis, lambda d: np.sqrt((d * d).sum(axis=2)).sum(axis=1))
    elif norm == "tv":
        size = _changes(probabilities, axis, lambda d: 0.5 * d.sum(axis=(1, 2)))
    else:
        raise ZollstockError("norm", repr(norm), "l2 or tv", "Choose one of them.")
    return float(size) if np.ndim(size) == 0 else size


def class_gradients(probabilities: npt.ArrayLike, axis: npt.ArrayLike | None = None) -> Array:
    """Return the epgm of every class, shape (C,) or (N, C).

    The mean over classes times C / 2 is `vector_gradient` with ``tv``. Arguments, NaN and
    errors as there.
    """
    return np.asarray(_changes(probabilities, axis, lambda d: d.sum(axis=1)))


def margin(logits: npt.ArrayLike, chosen: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the logit of the chosen class less the largest other, a series for any statistic.

    Parameters
    ----------
    logits
        Shape (S, C) or (N, S, C), C >= 2. Probabilities do too.
    chosen
        Class index, one number or shape (N,).

    Returns
    -------
    ndarray
        Shape (S,) or (N, S); above 0 where the chosen class wins. NaN at a step with a NaN.

    Raises
    ------
    ZollstockError
        If the shapes do not fit, there is one class only, or an index names no class.
    """
    values, single = _as_vectors(logits, "logits")
    number, _, classes = values.shape
    index = np.atleast_1d(np.asarray(chosen))
    if classes < 2:
        raise ZollstockError("logits", "1 class", "at least 2", "Pass the logits of all classes.")
    if index.dtype.kind not in "iu" or index.shape not in ((1,), (number,)):
        raise ZollstockError(
            "chosen",
            f"shape {index.shape}, {index.dtype}",
            f"one whole number, or {number}",
            "Name the followed class of each path.",
        )
    if index.size and (index.min() < 0 or index.max() >= classes):
        raise ZollstockError(
            "chosen",
            f"{index.min()} to {index.max()}",
            f"0 to {classes - 1}",
            "Name a class that the logits have.",
        )
    index = np.broadcast_to(index, number)
    result = np.empty(values.shape[:2])
    for n, path in enumerate(values):
        own = path[:, index[n]].astype(np.float64)
        others = np.delete(path, index[n], axis=1).max(axis=1)
        with np.errstate(invalid="ignore"):  # infinity less infinity is NaN, and says so
            result[n] = own - others
    return result[0] if single else result
