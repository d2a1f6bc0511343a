"""One model's curve on one image, over those of the placebos."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from zollstock.closed import end_of, meets
from zollstock.figures.sentences import untested
from zollstock.figures.style import RED, fold
from zollstock.scoring.outputs import words_of
from zollstock.significance.beside import Beside
from zollstock.wording import flags_in_words, show, two_digits

Array = npt.NDArray[np.float64]

FEWEST = 5
"""Placebos that a band needs."""

BAND = "0.85"
THIN = "0.62"

FLATTEST = 0.2
"""Span of an axis of probabilities at least, so that a flat curve looks flat."""


def limits_of(curves: Sequence[Array], flattest: float = FLATTEST) -> tuple[float, float]:
    """Return y-limits around all numbers, `flattest` apart at least."""
    values = np.concatenate([np.ravel(part) for part in curves])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    missing = max(flattest - (high - low), 0.0) / 2
    room = 0.06 * max(high - low, flattest)
    return low - missing - room, high + missing + room


def held(values: Array, bounds: tuple[float, float] | None) -> Array:
    """Return numbers within bounds, if any: a change of another picture may lead beyond them."""
    return values if bounds is None else np.clip(values, *bounds)


def band_of(drawn: Array) -> tuple[Array, Array] | None:
    """Return between which numbers 5–95 % of placebos (K, T) lie; None where there are too few."""
    if len(drawn) < FEWEST:
        return None
    low, high = np.nanquantile(drawn, [0.05, 0.95], axis=0)
    return low, high


def closing(
    axis: Array, values: Array, period: float | None
) -> tuple[tuple[float, float], Array] | None:
    """Return the ends of the line that leads curves back to where they began.

    Parameters
    ----------
    axis
        Shape (S,).
    values
        Curves, shape (..., S).
    period
        None of an axis that does not close on itself.

    Returns
    -------
    tuple or None
        Places (last, first + period) and values (..., 2); None where there is nothing to lead
        back: the axis is open, its last frame is the first again, or it has no two frames.
    """
    if period is None or len(axis) < 2:
        return None
    first, last = float(axis[0]), float(axis[-1])
    if meets(first, last, period):
        return None
    return (last, end_of(first, last, period)), values[..., [-1, 0]]


def draw_round(axes: Axes, axis: Array, period: float | None) -> None:
    """Give a panel its limits: the axis in the order of the frames, or all of its period."""
    if len(axis) < 2:
        return
    first, last = float(axis[0]), float(axis[-1])
    if period is None:
        axes.set_xlim(first, last)
        axes.locator_params(axis="x", nbins=5)
        return
    last = end_of(first, last, period)
    axes.set_xlim(first, last)
    axes.set_xticks(np.linspace(first, last, 5))


CLOSING = (0, (2, 1.6))
"""Dashes of the way back to the first frame, which no frame shows."""


def draw_model(
    axes: Axes,
    axis: Array,
    p: Array,
    still: float,
    beside: Beside,
    look: Mapping[str, Any],
    boundary: float | None,
    period: float | None = None,
    bounds: tuple[float, float] | None = None,
) -> None:
    """Draw a model's output (S,) along the axis (S,), over what placebos make of the picture.

    Parameters
    ----------
    axes, axis, p
        The used steps.
    still
        Output of the unedited picture, from which the placebos' changes are drawn.
    beside
        The placebos.
    look
        Line colour and dashes.
    boundary
        Where the decision turns; None where no such number is known.
    period
        Of an axis that closes on itself: the curve is led back to its first point.
    bounds
        Between which numbers the output lies; placebos are drawn within them.
    """
    if boundary is not None:
        axes.axhline(boundary, color="0.55", lw=0.7, ls=(0, (4, 3)), zorder=0, gid="boundary")
    drawn = held(still + beside.changes, bounds)
    band = band_of(drawn)
    if band is not None:
        axes.fill_between(beside.places, *band, color=BAND, lw=0, zorder=1, gid="band")
    if len(drawn):
        # One line with gaps in it: a line each takes longer.
        gap = np.full((len(drawn), 1), np.nan)
        axes.plot(
            np.tile(np.append(beside.places, np.nan), len(drawn)),
            np.hstack([drawn, gap]).ravel(),
            color=THIN,
            lw=0.9 if band is None else 0.4,
            alpha=0.8,
            zorder=2,
            gid="placebo",
        )
    axes.plot(axis, p, lw=1.9, zorder=4, gid="target", **look)
    back = closing(axis, p, period)
    if back is not None:
        how: dict[str, Any] = {"color": look["color"], "zorder": 4, "gid": "closing"}
        axes.plot(*back, lw=1.5, ls=CLOSING, marker="o", ms=3, markevery=[1], **how)
    axes.locator_params(nbins=5)
    draw_round(axes, axis, period)
    axes.tick_params(labelsize=7)


def panel_words(
    model: str, row: Mapping[str, Any], p: Array, width: float, *, closed: bool = False
) -> list[tuple[str, dict[str, Any]]]:
    """Return the lines above a panel and their looks: model, probabilities, test, what is wrong.

    A curve that is `closed` has no end, so that its lowest and highest value are told.
    """
    known = bool(np.isfinite(p).all()) and len(p) > 0
    text = "no number"
    if known:
        ends = _range(p) if closed else f"{p[0]:.2f} → {p[-1]:.2f}"
        text = f"{words_of(row['output'])} {ends}"
    if known and np.isfinite(row.get("epgm", np.nan)):
        text += f", epgm {two_digits(row['epgm'])}"
    if not np.isfinite(row["p"]):
        test = untested(row)
    else:
        test = f"{row['larger']:.0f} of {row['used']:.0f} placebos as large, p = {show(row['p'])}"
    parts: list[tuple[str, dict[str, Any], float]] = [
        # Bold letters are wider.
        (model, {"fontsize": 8.5, "weight": "bold"}, 1.15),
        (text, {"fontsize": 7, "color": "0.25"}, 1),
        (test, {"fontsize": 7, "color": "0.25"}, 1),
        (_doubts(row), {"fontsize": 7, "color": RED}, 1),
    ]
    return [
        (line, how)
        for part, how, wider in parts
        for line in fold(part, width / wider, how["fontsize"], lines=4)
    ]


def _range(p: Array) -> str:
    """Return the lowest and the highest number, in as many digits as tell them apart."""
    low, high = float(p.min()), float(p.max())
    digits = 2 if high - low >= 0.05 else 3
    return f"{low:.{digits}f} to {high:.{digits}f}".replace("-", "−")


def write_above(axes: Axes, words: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Write lines above a panel, the last one lowest."""
    for place, (line, how) in enumerate(reversed(words)):
        axes.annotate(
            line,
            (0, 1),
            (0, 4 + 9.5 * place),
            xycoords="axes fraction",
            textcoords="offset points",
            **how,
        )


def _doubts(row: Mapping[str, Any]) -> str:
    """Return the flags, in words."""
    return ", ".join(flags_in_words(row["flags"]))
