"""Single plots of series and frames of your own, for a notebook or a paper.

Each takes the axes it is drawn into, or makes a figure with `matplotlib.pyplot`, and returns axes.
Importing this chooses no back-end and changes no setting of matplotlib.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from zollstock.errors import ZollstockError
from zollstock.scoring.series import Series
from zollstock.scoring.shuffle import null_distribution, shuffle_test, shuffled_series

_SERIES = "#b2182b"
_SHUFFLED = "0.7"


def _axes(ax: Axes | None) -> Axes:
    """Return the axes given, or those of a new figure."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(6, 3.6), layout="constrained")[1]


def plot_series(
    curves: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    axis: npt.ArrayLike | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Plot the followed probability along the path, one curve or one for each name.

    Parameters
    ----------
    curves
        Shape (S,), or name → shape (S,).
    axis
        The property's values, shape (S,); the number of the step by default.
    ax
        Where to draw.
    """
    named = curves if isinstance(curves, Mapping) else {"": curves}
    ax = _axes(ax)
    lines = []
    for name, p in named.items():
        series = Series.of(p, axis)
        x = np.arange(series.steps) if axis is None else series.axis[0]
        lines += ax.plot(x, series.p[0], label=name or None)
    if any(named):
        # Handed over, since matplotlib leaves out names that begin with `_`; they are no formulas.
        for text in ax.legend(handles=lines, frameon=False).get_texts():
            text.set_parse_math(False)
    ax.set(xlabel="step" if axis is None else "property", ylabel="probability")
    return ax


def plot_shuffles(p: npt.ArrayLike, num: int = 5, seed: int = 0, *, ax: Axes | None = None) -> Axes:
    """Plot the first shuffled series of the shuffle test with that seed, and p over them.

    Parameters
    ----------
    p
        Shape (S,).
    num, seed
        As in `zollstock.scoring.shuffle.shuffle_test`.
    ax
        Where to draw.
    """
    shuffled = shuffled_series(p, num, seed)
    ax = _axes(ax)
    ax.plot(shuffled.T, color=_SHUFFLED, lw=0.8, ls="--", label=["shuffled"] + [None] * (num - 1))
    ax.plot(np.asarray(p), color=_SERIES, lw=2, label="observed")
    ax.legend(frameon=False)
    ax.set(xlabel="step", ylabel="probability")
    return ax


def plot_null(
    p: npt.ArrayLike,
    statistic: str = "paper_grad",
    num: int = 1000,
    seed: int = 0,
    axis: npt.ArrayLike | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Plot what the shuffle test compares: a histogram of the permuted scores, and the score.

    Parameters
    ----------
    p
        Shape (S,).
    statistic, num, seed, axis
        As in `zollstock.scoring.shuffle.shuffle_test`.
    ax
        Where to draw.
    """
    null = null_distribution(p, statistic, num, seed, axis)
    test = shuffle_test(p, statistic, num, seed, axis)
    ax = _axes(ax)
    ax.hist(null[np.isfinite(null)], bins=50, color=_SHUFFLED, label=f"{num} shuffled series")
    if np.isfinite(test.score):
        words = f"observed, p = {test.p_value:.3g}"
        ax.axvline(test.score, color=_SERIES, lw=2, ls="--", label=words)
    ax.legend(frameon=False)
    ax.set(xlabel=test.statistic, ylabel="shuffled series")
    return ax


def plot_frames(
    frames: Sequence[Any] | npt.NDArray[np.uint8],
    num: int = 7,
    axis: npt.ArrayLike | None = None,
    *,
    axes: Sequence[Axes] | npt.NDArray[Any] | None = None,
) -> npt.NDArray[Any]:
    """Show frames at equal distances along the path, first and last included.

    Parameters
    ----------
    frames
        Pictures, as arrays (height, width, 3) or of Pillow.
    num
        How many are shown at most; one for each of `axes` where these are given.
    axis
        The property's values, shape (S,), written above.
    axes
        Where to draw, one for each frame.

    Returns
    -------
    ndarray of the axes

    Raises
    ------
    ZollstockError
        If there are no frames, or the axis has another length.
    """
    if not len(frames) or num < 1:
        raise ZollstockError("frames", "there is none to show", "one or more", "Pass some.")
    values = None if axis is None else np.asarray(axis)
    if values is not None and values.shape != (len(frames),):
        raise ZollstockError(
            "axis", f"shape {values.shape}", f"({len(frames)},)", "Pass a value for each frame."
        )
    if axes is None:
        from matplotlib import pyplot

        count = min(num, len(frames))
        size = (1.6 * count, 1.9)
        axes = pyplot.subplots(1, count, figsize=size, layout="constrained", squeeze=False)[1]
    places = np.asarray(axes).ravel()
    steps = np.linspace(0, len(frames) - 1, len(places)).astype(int)
    for ax, step in zip(places, steps, strict=True):
        ax.imshow(frames[step])
        ax.set_axis_off()
        if values is not None:
            ax.set_title(f"{values[step]:g}", fontsize=9)
    return places
