"""Whether edits can be believed: what each did."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zollstock.figures.style import (
    BAND,
    DOUBLE,
    PALE_BAND,
    PALE_RED,
    RED,
    cut_name,
    fold,
    limits_around,
    new_figure,
    width_of,
)
from zollstock.wording import flags_in_words

GREY = "0.55"
_PANEL = 0.94  # inches of a panel's height


def draw_ledger(
    steps: pd.DataFrame, verdicts: pd.DataFrame, *, title: str, axis_title: str, max_images: int
) -> Figure:
    """Draw what changed in each image: one panel per image, all on one scale.

    The solid line is the meter, or without a meter the mean pixel change; the dashed line is
    what should have stayed. A dot marks the zero frame. A failed path says so.

    Parameters
    ----------
    steps
        Of `zollstock.ledger.measure_path`, all images.
    verdicts
        Of `zollstock.ledger.judge_path`, one row per image. The columns ``exact_low`` and
        ``exact_high`` (the meter's range along an exact path) and ``reason`` (why a path
        failed) are drawn if they are there.
    title, axis_title
        The property's name, and what the axis of its paths counts.
    max_images
        How many images are drawn at most, the first ones.
    """
    shown = verdicts.head(max_images)
    names = [str(name) for name in verdicts["meter"] if isinstance(name, str) and name]
    solid, dashed = ("value", "off_target") if names else ("pixel_change", "pixel_change_outside")
    count = len(shown)
    columns = min(count, 4)
    rows = -(-count // columns)
    left, bottom = 0.7, 0.38
    wide = (DOUBLE - left) / columns
    flags = [", ".join(flags_in_words(text)) for text in shown["flags"]]
    said = [fold(words, wide - 0.2, 7, lines=5) if words else ["ok"] for words in flags]
    most = max(map(len, said))
    over = 0.24 + 0.115 * most  # the image's name and its flags, above a panel
    tall = over + _PANEL + 0.3
    heading = _heading(verdicts, count, title)
    keys = _keys(drawn_of(steps, shown), shown, solid, dashed, names)
    across = min(len(keys), int((DOUBLE - 0.3) / max(_key_width(key) for key in keys)) or 1)
    top = 0.2 + 0.19 * len(heading) + 0.18 * -(-len(keys) // across)
    width, height = left + wide * columns, top + tall * rows + bottom
    figure = new_figure(width, height)
    drawn = drawn_of(steps, shown)
    low, high = limits_around([drawn[solid], drawn[dashed], *_exact_columns(shown)], not names)
    by_image = dict(list(drawn.groupby("image", sort=False)))
    for place, (_, verdict) in enumerate(shown.iterrows()):
        row, column = divmod(place, columns)
        axes = figure.add_axes(
            (
                (left + wide * column) / width,
                1 - (top + tall * row + over + _PANEL) / height,
                (wide - 0.22) / width,
                _PANEL / height,
            )
        )
        _ledger_panel(axes, by_image.get(verdict["image"]), verdict, solid, dashed)
        _write_above(axes, cut_name(str(verdict["image"]), 22), said[place], bool(flags[place]))
        axes.set_ylim(low, high)
        axes.tick_params(labelleft=column == 0)
    measured = fold(_measured(names), tall * rows, 10, lines=1)[0]
    figure.text(0.02, 1 - (top + tall * rows / 2) / height, measured, rotation=90, va="center")
    below = fold(axis_title, width - 0.2, 9, lines=1)[0]
    figure.text(0.5, 0.1 / height, below, ha="center")
    for line, (words, how) in enumerate(heading):
        figure.text(0.02, 1 - (0.08 + 0.19 * line) / height, words, va="top", **how)
    figure.legend(
        handles=keys,
        loc="upper left",
        bbox_to_anchor=(0.02, 1 - (0.1 + 0.19 * len(heading)) / height),
        ncols=across,
        fontsize=8,
        borderaxespad=0,
        columnspacing=1.2,
        handlelength=1.8,
    )
    return figure


def drawn_of(steps: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the images that are drawn."""
    return steps[steps["image"].isin(shown["image"])]


def _measured(names: list[str]) -> str:
    return names[0].replace("_", " ") if names else "pixel change"


def _keys(
    drawn: pd.DataFrame, shown: pd.DataFrame, solid: str, dashed: str, names: list[str]
) -> list[Any]:
    """Return what the legend tells apart."""
    measured = fold(_measured(names), 3.0, 8, lines=1)[0]
    keys: list[Any] = [
        Line2D([], [], color="0.15", lw=1.6, label=measured if names else f"{measured}, no meter")
    ]
    if drawn[dashed].notna().any():
        label = "off the target, should stay" if names else "the same outside the mask"
        keys.append(Line2D([], [], color=GREY, ls="--", lw=1.2, label=label))
    keys.append(Line2D([], [], color="0.15", marker="o", ls="", ms=5, label="zero frame"))
    if _exact_columns(shown):
        keys.append(Patch(fc=PALE_BAND, ec=BAND, label="exact range"))
    return keys


def _key_width(key: Any) -> float:  # noqa: ANN401 - an artist
    return width_of(str(key.get_label()), 8) + 0.45


def _heading(verdicts: pd.DataFrame, drawn: int, title: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the lines above all panels: what is drawn, and how many paths are as they should."""
    found = [flags_in_words(text) for text in verdicts["flags"]]
    total, fine = len(found), sum(not words for words in found)
    note = "" if drawn == total else f" (the first {drawn} are drawn)"
    words = ": what changed in each image"
    first = fold(title, 0.95 * DOUBLE - width_of(words, 10), 10, lines=1)[0] + words
    counts = pd.Series([word for words in found for word in words]).value_counts(sort=False)
    kinds = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
    flagged = f", flagged: {kinds}" if kinds else ""
    how = {"fontsize": 8.5, "color": RED if kinds else "0.35"}
    second = fold(f"{fine} of {total} ok{flagged}{note}", 0.95 * DOUBLE, 8.5, lines=3)
    return [(first, {"fontsize": 10}), *((line, how) for line in second)]


def _write_above(axes: Axes, name: str, flags: list[str], red: bool) -> None:
    """Write an image's name and its flags above a panel, in points from its upper edge."""
    how: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    words = "\n".join(flags)
    colour = RED if red else GREY
    axes.annotate(words, (0, 1), (0, 4), fontsize=7, color=colour, linespacing=1.15, **how)
    axes.annotate(name, (0, 1), (0, 6 + 8.3 * len(flags)), fontsize=8, **how)


def _ledger_panel(
    axes: Axes,
    rows: pd.DataFrame | None,
    verdict: pd.Series,
    solid: str,
    dashed: str,
) -> None:
    """Draw one image's path; `rows` is None for a failed one."""
    flags = flags_in_words(verdict["flags"])
    if set(flags) - {"unmeasured"}:
        axes.set_facecolor(PALE_RED)
        for spine in axes.spines.values():
            spine.set(color=RED, visible=True)
    if rows is None:
        given = verdict.get("reason", "")
        reason = fold(given, 1.25, 7, lines=4) if isinstance(given, str) else []
        axes.text(0.5, 0.68, "failed", transform=axes.transAxes, ha="center", va="center")
        axes.text(
            0.5,
            0.5,
            "\n".join(reason),
            transform=axes.transAxes,
            ha="center",
            va="top",
            fontsize=7,
            color="0.35",
        )
        axes.set_xticks([])
        return
    ends = [verdict.get(name, np.nan) for name in ("exact_low", "exact_high")]
    if np.isfinite(ends).all():
        axes.axhspan(*ends, fc=PALE_BAND, ec=BAND, lw=1, zorder=0)
    x = rows["axis"].to_numpy()
    zero = rows["zero"].to_numpy()
    axes.plot(x, rows[dashed], color=GREY, ls="--", lw=1.2)
    axes.plot(x, rows[solid], color="0.15", lw=1.6, marker=".", ms=3)
    axes.axvline(x[zero][0], color="0.15", lw=0.5, ls=":", zorder=1)
    axes.plot(x[zero], rows[solid][zero], "o", color="0.15", ms=5, clip_on=False)
    if not rows[solid].notna().any():
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center", va="center")
    if x[0] > x[-1]:
        axes.invert_xaxis()  # in the order of the frames, as in the main figure
    axes.margins(x=0.04)
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(labelsize=7, length=2.5, pad=2)


def _exact_columns(verdicts: pd.DataFrame) -> list[pd.Series]:
    """Return the ends of the exact ranges, if they are known."""
    if not {"exact_low", "exact_high"} <= set(verdicts.columns):
        return []
    ends = [verdicts["exact_low"], verdicts["exact_high"]]
    return ends if all(end.notna().any() for end in ends) else []
