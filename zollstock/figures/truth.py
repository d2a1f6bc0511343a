"""How near scores come to a known truth: what `snakemake calibration` found, drawn."""

from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from zollstock.figures.style import as_power, new_figure

STATISTIC_COLOURS = {"epgm": "#2166ac", "corr": "#e08214", "mi": "#1b7837"}
TRUTHS = {
    "flips": "class changes",
    "moves": "class changes or p moves > {threshold:g}",
}


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
    figure = new_figure(width, height, layout="constrained")
    grid = figure.subplots(lines, 2, squeeze=False)
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
        loc="outside lower center",
        ncols=6,
        fontsize=8.5,
        handletextpad=0.1,
        columnspacing=1.2,
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
    counts = sorted(decay["steps"].unique())
    shown = counts[:: -(-len(counts) // 5)]
    axes.set_xticks(shown, [f"{count:,}" for count in shown], minor=False)
    axes.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    # Only powers of ten are at home there; the numbers of steps are none.
    axes.yaxis.set_major_formatter(FuncFormatter(as_power))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("root mean square error")
    axes.axhline(1e-6, color="0.6", lw=0.8, ls=":")
    axes.text(3, 1.25e-6, "10⁻⁶", fontsize=7.5, color="0.4")
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


def draw_roc(curves: pd.DataFrame, areas: pd.DataFrame, threshold: float, latent: str) -> Figure:
    """Draw ROC curves of "this image's decision depends on the latent": engines × truths.

    Parameters
    ----------
    curves, areas
        Of `zollstock.calibration.roc.roc_tables`.
    threshold
        Range of the probability from which on an image counts, for the titles.
    latent
        The latent that was set.
    """
    every = areas[areas["model"] == "all"]
    engines = [name for name in ("exact", "edited") if name in set(every["engine"])]
    kinds = list(dict.fromkeys(every["truth"]))
    width, height = 0.5 + 3.5 * len(engines), 0.75 + 3.55 * len(kinds)
    figure = new_figure(width, height, layout="constrained")
    grid = figure.subplots(len(kinds), len(engines), sharex=True, sharey=True, squeeze=False)
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
    title = "Do scores find the images whose decision depends on {}?"
    figure.suptitle(title.format(latent.replace("_", " ")), fontsize=11, x=0.01, ha="left")
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
