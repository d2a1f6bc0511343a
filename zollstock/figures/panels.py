"""One model's curve on one image, over those of the placebos."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from zollstock.figures.sentences import MATCHED, exceed, followed, percent, show
from zollstock.figures.style import RED, flags_in_words, fold

Array = npt.NDArray[np.float64]
Placebos = Sequence[tuple[Array, Array]]

FEWEST = 5
"""Placebos that a band needs."""

BAND = "0.85"
THIN = "0.62"

_GRID = np.linspace(0, 1, 41)  # edit sizes at which the band is drawn
_FLATTEST = 0.2  # span of the y-axis at least, so that a flat curve looks flat


def change(p: Array) -> Array:
    """Return p minus its first value."""
    return p - p[0]


def fan(placebos: Placebos) -> Array:
    """Return the placebos' changes at the sizes of `_GRID`, NaN beyond their end: (K, 41).

    Sizes that fall back count as their running maximum, as in the test.
    """
    lines = []
    for x, p in placebos:
        good = np.isfinite(x) & np.isfinite(p)
        if np.count_nonzero(good) > 1:
            size = np.maximum.accumulate(x[good])
            lines.append(np.interp(_GRID, size, change(p[good]), right=np.nan))
    return np.array(lines).reshape(len(lines), len(_GRID))


def _ends(fan: Array) -> Array:
    """Return the last finite value of every placebo, shape (K,)."""
    return np.array([line[np.isfinite(line)][-1] for line in fan])


def places_of(axis: Array, sizes: Array | None) -> Array:
    """Return where on the axis the sizes of `_GRID` are drawn."""
    if sizes is None or len(axis) < 2 or not np.nanmax(sizes) > 0:
        return axis[0] + _GRID * (axis[-1] - axis[0])
    size = np.maximum.accumulate(np.nan_to_num(sizes))
    reached = int(size.argmax()) + 1  # after that the edit stands still
    places: Array = np.interp(_GRID, size[:reached] / size[-1], axis[:reached])
    return places


def limits_of(changes: Sequence[Array]) -> tuple[float, float]:
    """Return y-limits around all changes, `_FLATTEST` apart at least."""
    values = np.concatenate([np.zeros(1), *(part.ravel() for part in changes)])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    missing = max(_FLATTEST - (high - low), 0.0) / 2
    room = 0.06 * max(high - low, _FLATTEST)
    return low - missing - room, high + missing + room


def draw_model(
    axes: Axes, axis: Array, moved: Array, fan: Array, places: Array, look: Mapping[str, Any]
) -> None:
    """Draw a model's change (S,) along the axis (S,), over the placebos' changes (K, 41)."""
    axes.axhline(0, color="0.75", lw=0.6, zorder=0)
    # The target's edit may stand still at the end: so do the placebos, at its size.
    places, drawn = np.append(places, axis[-1]), np.column_stack([fan, fan[:, -1:]])
    if len(fan) >= FEWEST:
        reached = np.isfinite(drawn).sum(axis=0) >= max(FEWEST, len(fan) / 2)
        low, high = np.nanquantile(drawn[:, reached], [0.05, 0.95], axis=0)
        axes.fill_between(places[reached], low, high, color=BAND, lw=0, zorder=1, gid="band")
    thin = 0.4 if len(fan) >= FEWEST else 0.9
    if len(drawn):
        # One line with gaps in it: a line each takes longer.
        gap = np.full((len(drawn), 1), np.nan)
        axes.plot(
            np.tile(np.append(places, np.nan), len(drawn)),
            np.hstack([drawn, gap]).ravel(),
            color=THIN,
            lw=thin,
            alpha=0.8,
            zorder=2,
            gid="placebo",
        )
    axes.plot(axis, moved, lw=1.9, zorder=4, gid="target", **look)
    axes.plot(axis[-1], moved[-1], "o", color=look["color"], ms=4.5, clip_on=False, zorder=5)
    if len(axis) > 1:
        axes.set_xlim(float(axis[0]), float(axis[-1]))
    if len(fan):
        axes.plot(
            np.full(len(fan), 1.015),
            _ends(fan),
            ls="",
            marker="_",
            ms=6,
            mew=0.7,
            color="0.35",
            transform=axes.get_yaxis_transform(),
            clip_on=False,
            zorder=3,
            gid="ends",
        )
    axes.locator_params(nbins=5)
    axes.tick_params(labelsize=7)


def panel_words(
    model: str, row: Mapping[str, Any], p: Array, width: float
) -> list[tuple[str, dict[str, Any]]]:
    """Return the lines above a panel and their looks: model, probabilities, test, what is wrong."""
    known = np.isfinite(p).all()
    text = f"{followed(row['output'])} {p[0]:.2f} → {p[-1]:.2f}" if known else "no number"
    beaten = exceed(row)
    if not np.isfinite(row["p"]):
        test = "no placebo test"
    elif beaten is None:
        test = f"p = {show(row['p'])}"
    else:
        test = f"{beaten} of {int(row['used'])} placebos as large, p = {show(row['p'])}"
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
    """Return the flags, and how far the placebos fall short, in words."""
    wrong = flags_in_words(row["flags"])
    if row["match"] < MATCHED:
        wrong.append(f"placebos reach {percent(row['match'])} of its size")
    return ", ".join(wrong)
