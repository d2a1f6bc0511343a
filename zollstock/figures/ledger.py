"""Whether edits can be believed: what each did, beside the exact one, and how editors did."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zollstock.figures.style import MARKERS, cut_name, flags_in_words, plt

RED = "#b2182b"
GREEN = "#1a7a3c"
BAND = "#cfe3f5"
PALE_BAND = "#eaf3fb"
PALE_RED = "#fdeff0"
GREY = "0.55"


def draw_ledger(steps: pd.DataFrame, verdicts: pd.DataFrame, title: str, max_images: int) -> Figure:
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
    title
        The property's name.
    max_images
        How many images are drawn at most, the first ones.
    """
    shown = verdicts.head(max_images)
    names = [str(name) for name in verdicts["meter"] if isinstance(name, str) and name]
    solid, dashed = ("value", "off_target") if names else ("pixel_change", "pixel_change_outside")
    count = len(shown)
    columns = min(count, 4 if count <= 16 else 6)
    rows = -(-count // columns)
    wide, tall, left, top, bottom = max(2.0, 4.8 / columns), 1.62, 0.75, 0.82, 0.38
    width, height = left + wide * columns, top + tall * rows + bottom
    figure = plt.figure(figsize=(width, height))
    drawn = steps[steps["image"].isin(shown["image"])]
    low, high = _limits([drawn[solid], drawn[dashed], *_exact_columns(shown)], not names)
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
    figure.text((left + wide * columns / 2) / width, 0.12 / height, title, ha="center")
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
    figure.text(
        0.02, 1 - 0.1 / height, f"{title}: what changed in each image", va="top", fontsize=10
    )
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
    words = textwrap.wrap(", ".join(flags), 36) or ["ok"]
    axes.text(
        0,
        1.07,
        "\n".join(words),
        transform=axes.transAxes,
        fontsize=7,
        color=RED if flags else GREY,
    )
    above = 1.13 + 0.13 * len(words)
    axes.text(0, above, cut_name(str(verdict["image"])), transform=axes.transAxes, fontsize=8)
    if set(flags) - {"unmeasured"}:
        axes.set_facecolor(PALE_RED)
        for spine in axes.spines.values():
            spine.set(color=RED, visible=True)
    if rows is None:
        given = verdict.get("reason", "")
        reason = textwrap.shorten(given, 90) if isinstance(given, str) else ""
        axes.text(0.5, 0.68, "failed", transform=axes.transAxes, ha="center", va="center")
        axes.text(
            0.5,
            0.5,
            textwrap.fill(reason, 34),
            transform=axes.transAxes,
            ha="center",
            va="top",
            fontsize=6,
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


def draw_comparison(
    scores: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    looks: Mapping[str, Mapping[str, Any]],
    *,
    titles: Mapping[str, str],
    statistic: str,
) -> Figure:
    """Draw scores by edits over scores by exact interventions, one panel per pair.

    Parameters
    ----------
    scores
        The score table, with the ledger's flags.
    pairs
        Names of an exact property and of an edited one that one meter measures.
    looks
        Model → line colour and dashes.
    titles
        Property → its name in figures.
    statistic
        Which score is drawn.
    """
    scores = scores[scores["statistic"] == statistic]
    columns = min(len(pairs), 3)
    rows = -(-len(pairs) // columns)
    width, height = max(4.1 * columns, 5.2), 0.9 + 4.1 * rows
    figure, grid = plt.subplots(rows, columns, figsize=(width, height), squeeze=False)
    found = []
    for axes, (exact, edited) in zip(grid.flat, pairs, strict=False):
        points = _points(scores, exact, edited)
        found.append(points)
        _comparison_panel(axes, points, looks)
        axes.set_title(_agreement(points), fontsize=9)
        axes.set_xlabel(f"exact: {titles[exact]}")
        axes.set_ylabel(f"edited: {titles[edited]}")
    for axes in grid.flat[len(pairs) :]:
        axes.set_axis_off()
    every = pd.concat(found)
    over = f"; over all panels {_agreement(every)}" if len(pairs) > 1 else ""
    missing = int(every[["exact", "edited"]].isna().any(axis=1).sum())
    left_out = f"; {missing} left out, without a score" if missing else ""
    figure.suptitle(
        textwrap.fill(
            f"{statistic} per image: edits against exact interventions{over}{left_out}",
            int(width * 12),
        ),
        x=0.02,
        ha="left",
        y=1 - 0.1 / height,
        va="top",
        fontsize=10,
    )
    handles = [
        Line2D([], [], ls="", marker=MARKERS[place % 8], color=look["color"], label=model)
        for place, (model, look) in enumerate(looks.items())
    ]
    handles.append(
        Line2D([], [], ls="", marker="o", color="0.3", mfc="none", label="hollow: edit flagged")
    )
    handles.append(Line2D([], [], color="0.7", lw=1, label="equal scores"))
    figure.legend(handles=handles, loc="lower center", ncols=3 if columns == 1 else 6, fontsize=8)
    figure.subplots_adjust(
        left=0.75 / width,
        right=1 - 0.15 / width,
        top=1 - 0.75 / height,
        bottom=0.95 / height,
        wspace=0.32,
        hspace=0.4,
    )
    return figure


def _points(scores: pd.DataFrame, exact: str, edited: str) -> pd.DataFrame:
    """Return model, image, flags and both scores, a row per model and image."""
    sides = [
        scores[scores["property"] == name].rename(columns={"score": side})
        for name, side in ((exact, "exact"), (edited, "edited"))
    ]
    keys = ["model", "image"]
    return sides[1][[*keys, "flags", "edited"]].merge(sides[0][[*keys, "exact"]], on=keys)


def _comparison_panel(
    axes: Axes, points: pd.DataFrame, looks: Mapping[str, Mapping[str, Any]]
) -> None:
    both = points.dropna(subset=["exact", "edited"])
    ends = both[["exact", "edited"]].to_numpy()
    high = float(ends.max(initial=0)) or 1.0
    low = float(ends.min(initial=0))
    room = 0.05 * (high - low)
    limits = (low - room, high + room)
    axes.plot(limits, limits, color="0.7", lw=1, zorder=0)
    for place, (model, look) in enumerate(looks.items()):
        mine = both[both["model"] == model]
        flagged = np.array([bool(flags_in_words(text)) for text in mine["flags"]], dtype=bool)
        for here, face in ((~flagged, look["color"]), (flagged, "none")):
            axes.plot(
                mine["exact"][here],
                mine["edited"][here],
                ls="",
                marker=MARKERS[place % 8],
                color=look["color"],
                mfc=face,
                ms=5.5,
                alpha=0.85,
            )
    axes.set(xlim=limits, ylim=limits)
    axes.set_aspect("equal")
    for axis in ("x", "y"):
        axes.locator_params(axis=axis, nbins=5)


def _agreement(points: pd.DataFrame) -> str:
    both = points.dropna(subset=["exact", "edited"])
    rank = spearman(both["exact"], both["edited"])
    words = f"{rank:.2f}" if np.isfinite(rank) else "–"
    return f"Spearman {words} ({len(both)} point{'' if len(both) == 1 else 's'})"


def spearman(one: Iterable[float], other: Iterable[float]) -> float:
    """Return the rank correlation of finite numbers, ties with their mean rank.

    NaN for fewer than three, or if either side is constant.
    """
    ranks = np.array([pd.Series(list(values), dtype=float).rank() for values in (one, other)])
    if ranks.shape[1] < 3 or (np.ptp(ranks, axis=1) == 0).any():
        return float("nan")
    return float(np.corrcoef(ranks)[0, 1])


def gate_models(gate: Mapping[str, Any]) -> list[str]:
    """Return the models a gate has scored, in alphabetical order."""
    known = {key for row in gate["images"] for key in row if key.startswith("score_")}
    return sorted(key.removeprefix("score_") for key in known)


def draw_gate(
    gate: Mapping[str, Any],
    card: Mapping[str, Any],
    *,
    name: str,
    looks: Mapping[str, Mapping[str, Any]],
) -> Figure:
    """Draw how a small editor was examined: its criteria, its sweeps, and its scores.

    Parameters
    ----------
    gate
        Of `zollstock.editors.gate.Gate.as_dict`.
    card
        The editor's card.
    name
        The editor's name.
    looks
        Model → line colour and dashes, at least of `gate_models`.
    """
    properties = list(dict.fromkeys(row["property"] for row in gate["images"]))
    columns = max(2, len(properties))
    width, height = 6.9 + 2.9 * columns, 6.9
    figure = plt.figure(figsize=(width, height))
    missed = [row for row in gate["criteria"] if not row["passed"]]
    total = len(gate["criteria"])
    verdict = (
        f"gate passed, all {total} criteria are met"
        if gate["passed"]
        else f"gate NOT passed, {len(missed)} of {total} criteria missed; "
        "the diffusion rows of this report are a demonstration"
    )
    figure.text(
        0.02,
        1 - 0.12 / height,
        f"Editor '{name}': {verdict}",
        va="top",
        fontsize=11,
        weight="bold",
        color=GREEN if gate["passed"] else RED,
    )
    _criteria_table(figure.add_axes((0.02, 0.09, 6.1 / width, 0.83)), gate["criteria"])
    _gate_facts(figure, card, len({row["image"] for row in gate["images"]}))
    if not gate["images"]:
        return figure
    grid = figure.add_gridspec(
        2,
        columns,
        left=6.9 / width,
        right=1 - 0.15 / width,
        top=1 - 0.75 / height,
        bottom=0.55 / height,
        wspace=0.28,
        hspace=0.42,
    )
    ends = [[row[key] for row in gate["images"]] for key in ("measured", "exact", "other")]
    low, high = _limits([np.concatenate(values) for values in ends], False)
    for column, prop in enumerate(properties):
        axes = figure.add_subplot(grid[0, column])
        mine = [row for row in gate["images"] if row["property"] == prop]
        failures = sum(row["name"].split(":")[0] == prop for row in missed)
        _sweep_panel(axes, mine)
        axes.set_ylim(low, high)
        axes.set_title(
            f"{prop}" + (f": {failures} missed" if failures else ""),
            loc="left",
            color=RED if failures else "0.1",
        )
        axes.set_xlabel("guidance")
        if column == 0:
            axes.set_ylabel("lightness")
    scatter = figure.add_subplot(grid[1, 0])
    models = [model for model in looks if model in gate_models(gate)]
    _gate_scatter(scatter, gate["images"], models, looks, properties)
    _gate_legend(figure.add_subplot(grid[1, 1]), models, looks, properties)
    return figure


def _criteria_table(axes: Axes, criteria: Sequence[Mapping[str, Any]]) -> None:
    """Write a row per criterion: its name, what was found, what was asked for, met or missed."""
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(criteria), -1))
    places = {"criterion": (0.01, "left"), "found": (0.75, "right"), "asked for": (0.88, "right")}
    for word, (x, side) in places.items():
        axes.text(x, -0.4, word, ha=side, va="center", fontsize=8, color="0.35")
    axes.axhline(0, color="0.6", lw=0.8)
    for line, row in enumerate(criteria):
        if not row["passed"]:
            axes.axhspan(line, line + 1, color=PALE_RED, lw=0, zorder=0)
        axes.axhline(line + 1, color="0.88", lw=0.6)
        y = line + 0.5
        colour = GREEN if row["passed"] else RED
        value = row["value"]
        found = f"{value:.3f}" if value is not None and np.isfinite(value) else "–"
        axes.text(0.01, y, textwrap.fill(row["name"], 58), va="center", fontsize=8.5)
        axes.text(0.75, y, found, ha="right", va="center", weight="bold", color=colour)
        bar = f"{'≥' if row['at_least'] else '≤'} {row['bar']:.2f}"
        axes.text(0.88, y, bar, ha="right", va="center", color="0.35")
        word = "met" if row["passed"] else "MISSED"
        axes.text(0.9, y, word, va="center", fontsize=8, weight="bold", color=colour)


def _gate_facts(figure: Figure, card: Mapping[str, Any], images: int) -> None:
    use = card.get("use", {})
    parameters = sum(card.get("parameters", {}).values())
    facts = [
        f"{images} held-out images",
        f"{parameters / 1e6:.1f} million parameters" if parameters else "",
        "{}×{} pixels".format(*use["size"]) if "size" in use else "",
        f"guidance up to {use['stop']:g}" if "stop" in use else "",
        f"{use['denoising_steps']} denoising steps" if "denoising_steps" in use else "",
    ]
    figure.text(0.02, 0.03, ", ".join(filter(None, facts)), fontsize=8, color="0.35")


def _sweep_panel(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw all sweeps of one property; the least monotone one is thick."""
    lows = [min(row["exact"]) for row in rows]
    highs = [max(row["exact"]) for row in rows]
    axes.axhspan(min(lows), max(highs), color=PALE_BAND, lw=0, zorder=0)
    if max(lows) < min(highs):
        axes.axhspan(max(lows), min(highs), color=BAND, lw=0, zorder=0)
    for row in rows:
        axes.plot(row["axis"], row["other"], color="0.7", ls="--", lw=0.6)
    for row in rows:
        axes.plot(row["axis"], row["measured"], color="#08519c", lw=0.8, alpha=0.8)
    worst = min(rows, key=lambda row: np.nan_to_num(row["spearman"], nan=-2))
    axes.plot(worst["axis"], worst["measured"], color="0.05", lw=1.8)
    axes.margins(x=0)


def _gate_scatter(
    axes: Axes,
    rows: Sequence[Mapping[str, Any]],
    models: Sequence[str],
    looks: Mapping[str, Mapping[str, Any]],
    properties: Sequence[str],
) -> None:
    pairs = [
        (row[f"exact_{model}"], row[f"score_{model}"], model, row["property"])
        for row in rows
        for model in models
    ]
    ends: npt.NDArray[np.float64] = np.array([pair[:2] for pair in pairs], dtype=float)
    finite = np.isfinite(ends).all(axis=1)
    high = float(ends[finite].max(initial=0)) * 1.05 or 1.0
    axes.plot([0, high], [0, high], color="0.7", lw=1, zorder=0)
    for model in models:
        for place, prop in enumerate(properties):
            here = ends[[pair[2:] == (model, prop) for pair in pairs]]
            axes.plot(
                *here.T,
                ls="",
                marker=MARKERS[place % 8],
                color=looks[model]["color"],
                ms=4,
                alpha=0.7,
                mew=0,
            )
    rank = spearman(*ends[finite].T)
    axes.set(xlim=(-0.03 * high, high), ylim=(-0.03 * high, high))
    axes.set_aspect("equal")
    axes.set(xlabel="score, exact intervention", ylabel="score, editor")
    axes.set_title(f"scores: Spearman {rank:.2f}" if np.isfinite(rank) else "scores", loc="left")


def _gate_legend(
    axes: Axes,
    models: Sequence[str],
    looks: Mapping[str, Mapping[str, Any]],
    properties: Sequence[str],
) -> None:
    axes.set_axis_off()
    handles: list[Any] = [
        Line2D([], [], color="#08519c", lw=0.8, label="lightness of the property, per image"),
        Line2D([], [], color="0.05", lw=1.8, label="the least monotone image"),
        Line2D([], [], color="0.7", ls="--", lw=0.8, label="lightness of the rest, should stay"),
        Patch(color=BAND, label="exact range, every image"),
        Patch(color=PALE_BAND, label="exact range, some image"),
        *(
            Line2D([], [], ls="", marker="s", color=looks[model]["color"], label=model)
            for model in models
        ),
        *(
            Line2D([], [], ls="", marker=MARKERS[place % 8], color="0.3", ms=5, label=prop)
            for place, prop in enumerate(properties)
        ),
        Line2D([], [], color="0.7", lw=1, label="equal scores"),
    ]
    axes.legend(handles=handles, loc="center left", fontsize=8, borderaxespad=0)


def _exact_columns(verdicts: pd.DataFrame) -> list[pd.Series]:
    """Return the ends of the exact ranges, if they are known."""
    if not {"exact_low", "exact_high"} <= set(verdicts.columns):
        return []
    ends = [verdicts["exact_low"], verdicts["exact_high"]]
    return ends if all(end.notna().any() for end in ends) else []


def _limits(series: Sequence[npt.ArrayLike], from_zero: bool) -> tuple[float, float]:
    """Return limits with some room around all finite values."""
    values = np.concatenate([np.asarray(part, dtype=float) for part in series])
    values = values[np.isfinite(values)]
    low = 0.0 if from_zero or not len(values) else float(values.min())
    high = float(values.max()) if len(values) else 1.0
    room = 0.06 * (high - low) or 0.05
    return low - (0.0 if from_zero else room), high + room
