"""Whether edits can be believed: what each did."""

import textwrap
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
    left, tall, top, bottom = 0.7, 1.62, 0.82, 0.38
    wide = (DOUBLE - left) / columns
    width, height = left + wide * columns, top + tall * rows + bottom
    figure = new_figure(width, height)
    drawn = steps[steps["image"].isin(shown["image"])]
    low, high = limits_around([drawn[solid], drawn[dashed], *_exact_columns(shown)], not names)
    by_image = dict(list(drawn.groupby("image", sort=False)))
    for place, (_, verdict) in enumerate(shown.iterrows()):
        row, column = divmod(place, columns)
        axes = figure.add_axes(
            (
                (left + wide * column) / width,
                1 - (top + tall * (row + 1) - 0.27) / height,
                (wide - 0.22) / width,
                (tall - 0.68) / height,
            )
        )
        _ledger_panel(axes, by_image.get(verdict["image"]), verdict, solid, dashed)
        axes.set_ylim(low, high)
        axes.tick_params(labelleft=column == 0)
    measured = names[0].replace("_", " ") if names else "pixel change"
    figure.text(0.02, 1 - (top + tall * rows / 2) / height, measured, rotation=90, va="center")
    below = fold(axis_title, width - 0.2, 9, lines=1)[0]
    figure.text(0.5, 0.12 / height, below, ha="center")
    _ledger_title(figure, verdicts, count, title, height)
    handles = [
        Line2D([], [], color="0.15", lw=1.6, label=measured if names else f"{measured}, no meter")
    ]
    if drawn[dashed].notna().any():
        label = "off the target, should stay" if names else "the same outside the mask"
        handles.append(Line2D([], [], color=GREY, ls="--", lw=1.2, label=label))
    handles.append(Line2D([], [], color="0.15", marker="o", ls="", ms=5, label="zero frame"))
    bands: list[Any] = (
        [Patch(fc=PALE_BAND, ec=BAND, label="exact range")] if _exact_columns(shown) else []
    )
    figure.legend(
        handles=handles + bands,
        loc="upper left",
        bbox_to_anchor=(0.02, 1 - 0.52 / height),
        ncols=4,
        fontsize=8,
        borderaxespad=0,
        columnspacing=1.2,
        handlelength=1.8,
    )
    return figure


def _ledger_title(
    figure: Figure, verdicts: pd.DataFrame, drawn: int, title: str, height: float
) -> None:
    found = [flags_in_words(text) for text in verdicts["flags"]]
    total, fine = len(found), sum(not words for words in found)
    note = "" if drawn == total else f" (the first {drawn} are drawn)"
    words = ": what changed in each image"
    width = 0.95 * figure.get_figwidth()
    heading = fold(title, width - width_of(words, 10), 10, lines=1)[0] + words
    figure.text(0.02, 1 - 0.1 / height, heading, va="top", fontsize=10)
    counts = pd.Series([word for words in found for word in words]).value_counts(sort=False)
    kinds = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
    flagged = f", flagged: {kinds}" if kinds else ""
    figure.text(
        0.02,
        1 - 0.3 / height,
        f"{fine} of {total} ok{flagged}{note}",
        va="top",
        fontsize=8.5,
        color=RED if kinds else "0.35",
    )


def _ledger_panel(
    axes: Axes,
    rows: pd.DataFrame | None,
    verdict: pd.Series,
    solid: str,
    dashed: str,
) -> None:
    """Draw one image's path; `rows` is None for a failed one."""
    flags = flags_in_words(verdict["flags"])
    words = textwrap.wrap(", ".join(flags), 26) or ["ok"]
    axes.text(
        0,
        1.07,
        "\n".join(words),
        transform=axes.transAxes,
        fontsize=7,
        color=RED if flags else GREY,
    )
    above = 1.13 + 0.13 * len(words)
    axes.text(0, above, cut_name(str(verdict["image"]), 22), transform=axes.transAxes, fontsize=8)
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
