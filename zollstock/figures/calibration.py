"""Whether the tests and scores hold: what `snakemake calibration` found, drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.figures.style import plt

BAD = "#b2182b"
GOOD = "#2166ac"
GREY = "0.55"
LEVEL = 0.05
LEAST_RATE = 0.008
"""Left end of the axis of rates; rarer ones are drawn there."""
LOOKS: dict[str, dict[str, Any]] = {
    "placebo_net": {"label": "placebo test, net change", "color": "#2166ac", "marker": "o"},
    "placebo_range": {"label": "placebo test, range", "color": "#e08214", "marker": "s"},
    "placebo_slope": {"label": "placebo test, slope", "color": "#7fbf7b", "marker": "v"},
    "placebo_variation": {
        "label": "placebo test, total variation",
        "color": "#b2182b",
        "marker": "x",
    },
    "placebo_corrected": {
        "label": "placebo test, epgm corrected",
        "color": "#762a83",
        "marker": "+",
    },
    "pooled_net": {
        "label": "placebos of all images, net change",
        "color": "#2166ac",
        "ls": ":",
    },
    "signflip": {"label": "sign-flip over 8 seeds", "color": "0.25", "ls": "--", "marker": "d"},
}
"""Test → how its power is drawn; tests that are not here are in the table alone."""
STATISTIC_COLOURS = {"epgm": "#2166ac", "corr": "#e08214", "mi": "#1b7837"}
TRUTHS = {
    "flips": "class changes",
    "moves": "class changes or p moves > {threshold:g}",
}


# --- rejection rates ----------------------------------------------------------


def draw_rates(
    rates: pd.DataFrame,
    tests: Mapping[str, str],
    cases: Mapping[str, str],
    expected: Sequence[tuple[str, str]] = (),
) -> Figure:
    """Draw rejection rates at level .05 where nothing is to be found: a panel per test.

    Thick bars are 95 % intervals, thin ones hold all together. The axis is logarithmic, so
    that .05 and 1 both read.

    Parameters
    ----------
    rates
        Of `zollstock.calibration.rates.judged`; per test and case the largest K is drawn.
    tests
        Test → title, in the order of the panels.
    cases
        Case → title, from top to bottom; other cases (models) follow under their own names.
    expected
        Pairs of test and case in which an assumption of the test is broken; drawn grey.
    """
    at = rates[(rates["level"] == LEVEL) & rates["reachable"]]
    at = at.sort_values("k", kind="stable").groupby(["test", "case"], sort=False).tail(1)
    names = [name for name in tests if name in set(at["test"])]
    models = [case for case in dict.fromkeys(rates["case"]) if case not in cases]
    rows = [case for case in [*cases, *models] if case in set(rates["case"])]
    words = [cases.get(case, f"pixel noise, model {case}") for case in rows]
    columns = min(5, len(names))
    lines = -(-len(names) // columns)
    tall = 0.55 + 0.19 * len(rows)
    width, height = 2.6 + 2.0 * columns, 1.0 + (tall + 0.55) * lines
    figure, grid = plt.subplots(
        lines, columns, figsize=(width, height), sharex=True, sharey=True, squeeze=False
    )
    for axes, name in zip(grid.flat, names, strict=False):
        axes.axvline(LEVEL, color="0.2", lw=0.9)
        axes.axvspan(LEAST_RATE, LEVEL, color="0.95", lw=0, zorder=0)
        mine = at[at["test"] == name]
        for place, case in enumerate(rows):
            if case not in set(mine["case"]):
                axes.text(
                    LEVEL * 1.2, place, "too few placebos", fontsize=7, color=GREY, va="center"
                )
        for _, row in mine.iterrows():
            _rate(axes, rows.index(row["case"]), row, (name, row["case"]) in expected)
        axes.set_title(tests[name].replace(", ", ",\n", 1), fontsize=9, loc="left")
        axes.grid(axis="y", color="0.9", lw=0.6)
        axes.set_axisbelow(True)
    for axes in grid.flat[len(names) :]:
        axes.set_axis_off()
    first = grid[0, 0]
    first.set_xscale("log")
    first.set_xlim(LEAST_RATE * 0.9, 1.25)
    first.set_xticks([0.01, LEVEL, 0.2, 1], ["≤ .01", ".05", ".2", "1"], minor=False)
    first.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    first.set_ylim(len(rows) - 0.4, -0.6)
    first.set_yticks(range(len(rows)), words)
    figure.supxlabel("share rejected at level .05 (logarithmic)", fontsize=9, y=0.12 / height)
    figure.text(
        0.1 / width,
        1 - 0.12 / height,
        "How often tests reject where the property does nothing",
        fontsize=11,
        va="top",
    )
    handles = [
        Line2D([], [], color=GOOD, marker="o", ls="-", lw=2.4, ms=5, label="level holds"),
        Line2D([], [], color=BAD, marker="o", ls="-", lw=2.4, ms=5, label="rejects too often"),
    ]
    if expected:
        handles.append(
            Line2D(
                [],
                [],
                color=GREY,
                marker="o",
                ls="-",
                lw=2.4,
                ms=5,
                mfc="white",
                label="an assumption of the test is broken",
            )
        )
    handles.append(Line2D([], [], color="0.2", lw=0.9, label="nominal .05"))
    figure.legend(
        handles=handles,
        loc="upper right",
        ncols=4,
        fontsize=8.5,
        borderaxespad=0.3,
        handlelength=1.6,
        columnspacing=1.4,
    )
    figure.subplots_adjust(
        left=2.45 / width,
        right=1 - 0.15 / width,
        top=1 - 0.85 / height,
        bottom=0.5 / height,
        wspace=0.12,
        hspace=0.62 / tall,
    )
    return figure


def _rate(axes: Axes, place: int, row: pd.Series, expected: bool) -> None:
    colour = GREY if expected else GOOD if row["holds"] else BAD
    low, high, least, most = (
        max(float(row[key]), LEAST_RATE) for key in ("low", "high", "low_all", "high_all")
    )
    axes.plot([least, most], [place, place], color=colour, lw=0.8, solid_capstyle="butt")
    axes.plot([low, high], [place, place], color=colour, lw=2.6, solid_capstyle="butt")
    axes.plot(
        max(float(row["rate"]), LEAST_RATE),
        place,
        "o",
        color=colour,
        ms=5,
        clip_on=False,
        mfc="white" if expected else colour,
    )


# --- truth --------------------------------------------------------------------


def draw_truth(decay: pd.DataFrame, points: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Draw errors of classifiers that are formulas: against the steps, and on edited paths.

    Parameters
    ----------
    decay
        Of `zollstock.calibration.truth.error_against_steps`.
    points
        Of `zollstock.calibration.edited.points`.
    titles
        Classifier → its name.
    """
    panels = [("exact", "truth", "Exact paths", "closed form of the effect")]
    if "edited" in set(points["engine"]):
        panels += [
            ("edited", "truth", "Paths of the editor", "closed form of the effect"),
            (
                "edited",
                "covered",
                "The same, over the range that they reach",
                "closed form over the range reached",
            ),
        ]
    lines = 1 + (len(panels) > 1)
    width, height = 8.4, 0.75 + 4.05 * lines
    figure, grid = plt.subplots(lines, 2, figsize=(width, height), squeeze=False)
    looks = _classifier_looks(titles)
    _decay(grid[0, 0], decay, looks)
    high = float(points[["truth", "epgm"]].to_numpy().max()) * 1.05
    for axes, (engine, against, title, label) in zip(grid.flat[1:], panels, strict=True):
        mine = points[points["engine"] == engine]
        axes.plot([0, high], [0, high], color="0.7", lw=1, zorder=0)
        for name, look in looks.items():
            rows = mine[mine["classifier"] == name]
            axes.plot(
                rows[against],
                rows["epgm"],
                ls="",
                ms=4.5,
                alpha=0.75,
                mew=0.5,
                mec="white",
                **look,
            )
        off = (mine["epgm"] - mine[against]).to_numpy()
        axes.set(xlim=(-0.03 * high, high), ylim=(-0.03 * high, high), aspect="equal")
        axes.set_title(
            f"{title}:\nbias {off.mean():+.3f}, root mean square error {_rms(off):.3f}".replace(
                "-", "−"
            ),
            loc="left",
            fontsize=9.5,
        )
        axes.set_xlabel(label)
        axes.set_ylabel("epgm, as measured")
    figure.legend(
        handles=[
            Line2D([], [], ls="", label=titles[name], ms=5.5, **look)
            for name, look in looks.items()
        ],
        loc="lower center",
        ncols=6,
        fontsize=8.5,
        handletextpad=0.1,
        columnspacing=1.2,
    )
    figure.subplots_adjust(
        left=0.75 / width,
        right=1 - 0.15 / width,
        top=1 - 0.5 / height,
        bottom=0.85 / height,
        wspace=0.28,
        hspace=0.38,
    )
    return figure


def _rms(off: Any) -> float:  # noqa: ANN401 - any array
    return float(np.sqrt((off**2).mean())) if len(off) else float("nan")


def _classifier_looks(titles: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    colours = matplotlib.color_sequences["petroff6"]
    return {
        name: {"color": colours[place % 6], "marker": "os^Dv<>P"[place % 8]}
        for place, name in enumerate(titles)
    }


def _decay(axes: Axes, decay: pd.DataFrame, looks: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw the error against the steps; curves without an error above rounding are left out."""
    styles = {"epgm": ("-", "epgm"), "paper_grad": ("--", "paper_grad × (S − 1)")}
    for (name, statistic), rows in decay.groupby(["classifier", "statistic"], sort=False):
        seen = rows[rows["rmse"] > 1e-12].sort_values("steps")
        if not len(seen) or statistic not in styles:
            continue
        axes.plot(
            seen["steps"],
            seen["rmse"],
            ls=styles[statistic][0],
            color=looks[name]["color"],
            marker=looks[name]["marker"],
            ms=3.5,
            lw=1.3,
        )
    exact = [
        name
        for name, rows in decay[decay["statistic"] == "epgm"].groupby("classifier", sort=False)
        if (rows["rmse"] <= 1e-12).all()
    ]
    axes.set(xscale="log", yscale="log", xlabel="steps S of an exact path")
    axes.set_ylabel("root mean square error")
    axes.axhline(1e-6, color="0.6", lw=0.8, ls=":")
    axes.text(3, 1.25e-6, "$10^{-6}$", fontsize=7.5, color="0.4")
    axes.set_title(
        "Error falls with the steps, as 1/S²\nfor epgm, as 1/S for the paper's", loc="left"
    )
    note = "epgm of monotone classifiers: no error" if exact else ""
    axes.legend(
        handles=[
            Line2D([], [], color="0.3", ls=dash, label=label) for dash, label in styles.values()
        ],
        title=note,
        title_fontsize=7.5,
        loc="lower left",
        fontsize=8,
    )


# --- ROC ----------------------------------------------------------------------


def draw_roc(curves: pd.DataFrame, areas: pd.DataFrame, threshold: float) -> Figure:
    """Draw ROC curves of "this image's decision depends on the fur": engines × truths.

    Parameters
    ----------
    curves, areas
        Of `zollstock.calibration.roc.roc_tables`.
    threshold
        Range of the probability from which on an image counts, for the titles.
    """
    every = areas[areas["model"] == "all"]
    engines = [name for name in ("exact", "edited") if name in set(every["engine"])]
    kinds = list(dict.fromkeys(every["truth"]))
    width, height = 0.5 + 3.5 * len(engines), 0.75 + 3.55 * len(kinds)
    figure, grid = plt.subplots(
        len(kinds), len(engines), figsize=(width, height), sharex=True, sharey=True, squeeze=False
    )
    for line, kind in zip(grid, kinds, strict=True):
        for axes, engine in zip(line, engines, strict=True):
            axes.plot([0, 1], [0, 1], color="0.75", lw=0.9, ls=":")
            _roc_panel(
                axes,
                curves[(curves["truth"] == kind) & (curves["engine"] == engine)],
                every[(every["truth"] == kind) & (every["engine"] == engine)],
            )
            path = {"exact": "Exact paths", "edited": "Paths of the editor"}[engine]
            axes.set_title(f"{path}:\n{_found(every, kind, threshold)}", loc="left", fontsize=9)
            if axes in grid[-1]:
                axes.set_xlabel("false positive rate")
        line[0].set_ylabel("true positive rate")
    figure.text(
        0.1 / width,
        1 - 0.1 / height,
        "Do scores find the images whose decision depends on fur?",
        fontsize=11,
        va="top",
    )
    figure.subplots_adjust(
        left=0.6 / width,
        right=1 - 0.15 / width,
        top=1 - 0.8 / height,
        bottom=0.5 / height,
        wspace=0.12,
        hspace=0.24,
    )
    return figure


def _found(areas: pd.DataFrame, kind: str, threshold: float) -> str:
    row = areas[areas["truth"] == kind].iloc[0]
    words = TRUTHS[kind].format(threshold=threshold)
    return f"{words} ({row['positive']} of {row['n']})"


def _roc_panel(axes: Axes, curves: pd.DataFrame, areas: pd.DataFrame) -> None:
    for _, row in areas.iterrows():
        statistic = row["statistic"]
        mine = curves[curves["statistic"] == statistic]
        label = f"{statistic}  {row['auc']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
        axes.plot(
            mine["false_positive"],
            mine["true_positive"],
            color=STATISTIC_COLOURS[statistic],
            lw=1.8,
            label=label,
            ls={"epgm": "-", "corr": "--", "mi": "-."}[statistic],
        )
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    axes.legend(loc="lower right", fontsize=8, title="area [95 %]", title_fontsize=8)


# --- power --------------------------------------------------------------------


def draw_power(power: pd.DataFrame) -> Figure:
    """Draw power against the size of the effect: a panel per noise and shape.

    Parameters
    ----------
    power
        Of `zollstock.calibration.power`; tests in `LOOKS` are drawn.
    """
    panels = dict(list(power.groupby(["noise", "shape"], sort=False)))
    # A line per noise, the formula's classifier at the end of each.
    simulated = [key for key in panels if key[0] != "nuisance"]
    columns = -(-len(simulated) // len({noise for noise, _ in simulated})) + 1
    order = list(simulated)
    for place, key in enumerate(key for key in panels if key[0] == "nuisance"):
        order.insert(min((place + 1) * columns - 1, len(order)), key)
    lines = -(-len(order) // columns)
    width, height = 0.6 + 2.75 * columns, 1.35 + 2.6 * lines
    figure, grid = plt.subplots(lines, columns, figsize=(width, height), sharey=True, squeeze=False)
    drawn = [test for test in LOOKS if test in set(power["test"])]
    for axes, (noise, shape) in zip(grid.flat, order, strict=False):
        rows = panels[noise, shape]
        axes.axhline(LEVEL, color="0.2", lw=0.8)
        for test in drawn:
            mine = rows[rows["test"] == test].sort_values("size")
            axes.fill_between(
                mine["size"],
                mine["low"],
                mine["high"],
                color=LOOKS[test]["color"],
                alpha=0.15,
                lw=0,
            )
            axes.plot(mine["size"], mine["power"], ms=3.8, lw=1.5, **LOOKS[test])
        axes.set_title(_panel_title(str(noise), str(shape)), loc="left", fontsize=9.5)
        slope = noise == "nuisance"
        axes.set_xlabel("slope of the logit" if slope else "height, deviations of the noise")
        axes.set_ylim(0, 1.03)
    for axes in grid.flat[len(order) :]:
        axes.set_axis_off()
    for line in grid:
        line[0].set_ylabel("share rejected at .05")
    figure.text(0.1 / width, 1 - 0.1 / height, "Which test finds an effect", fontsize=11, va="top")
    figure.legend(
        handles=[Line2D([], [], ms=4.5, lw=1.6, **LOOKS[test]) for test in drawn],
        loc="lower center",
        ncols=4,
        fontsize=8.5,
    )
    figure.subplots_adjust(
        left=0.6 / width,
        right=1 - 0.12 / width,
        top=1 - 0.68 / height,
        bottom=1.1 / height,
        wspace=0.1,
        hspace=0.52,
    )
    return figure


def _panel_title(noise: str, shape: str) -> str:
    around = {"iid": "independent noise", "ar_0.9": "AR(1) noise, ρ = 0.9"}
    if noise not in around:
        kind, _, engine = shape.partition(", ")
        path = {"exact": "exact paths", "edited": "paths of the editor"}[engine]
        return f"{kind} classifier,\n{path}"
    return f"{shape},\n{around[noise]}"
