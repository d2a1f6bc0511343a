"""Whether tests hold their level and find effects: what `snakemake calibration` found, drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zollstock.figures.style import new_figure

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
    "placebo_smooth": {
        "label": "placebo test, smooth part",
        "color": "#1b7837",
        "marker": "^",
    },
    "signflip": {"label": "sign-flip over 8 seeds", "color": "0.25", "ls": "--", "marker": "d"},
}
"""Test → how its power is drawn; tests that are not here are in the table alone."""


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
    figure = new_figure(width, height, layout="constrained")
    grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    for axes, name in zip(grid.flat, names, strict=False):
        axes.axvline(LEVEL, color="0.2", lw=0.9)
        axes.axvspan(LEAST_RATE, LEVEL, color="0.95", lw=0, zorder=0)
        mine = at[at["test"] == name]
        for place, case in enumerate(rows):
            if case not in set(mine["case"]):
                asked = ((rates["test"] == name) & (rates["case"] == case)).any()
                said = "too few placebos" if asked else "not asked"
                axes.text(LEVEL * 1.2, place, said, fontsize=7, color=GREY, va="center")
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
    figure.supxlabel("share rejected at level .05 (logarithmic)", fontsize=9)
    figure.suptitle(
        "How often tests reject where the property does nothing", fontsize=11, x=0.01, ha="left"
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
        loc="outside upper right",
        ncols=4,
        fontsize=8.5,
        borderaxespad=0.3,
        handlelength=1.6,
        columnspacing=1.4,
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
    figure = new_figure(width, height, layout="constrained")
    grid = figure.subplots(lines, columns, sharey=True, squeeze=False)
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
    figure.suptitle("Which test finds an effect", fontsize=11, x=0.01, ha="left")
    figure.legend(
        handles=[Line2D([], [], ms=4.5, lw=1.6, **LOOKS[test]) for test in drawn],
        loc="outside lower center",
        ncols=4,
        fontsize=8.5,
    )
    return figure


def _panel_title(noise: str, shape: str) -> str:
    around = {"iid": "independent noise", "ar_0.9": "AR(1) noise, ρ = 0.9"}
    if noise not in around:
        kind, _, engine = shape.partition(", ")
        path = {"exact": "exact paths", "edited": "paths of the editor"}[engine]
        return f"{kind} classifier,\n{path}"
    return f"{shape},\n{around[noise]}"
