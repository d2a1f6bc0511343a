"""Figures of the calibration: what must be seen in them, also where parts are missing."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from zollstock.figures.calibration import (
    BAD,
    GOOD,
    GREY,
    LEAST_RATE,
    LOOKS,
    draw_power,
    draw_rates,
    draw_roc,
    draw_truth,
)
from zollstock.figures.style import plt, save, set_style

TESTS = {"shuffle": "shuffle test, grad", "placebo": "placebo test, net", "absent": "not there"}
CASES = {"iid": "independent noise", "drift": "drift"}
CLASSIFIERS = {"fur": "logistic in fur", "bump": "bump"}


@pytest.fixture(autouse=True)
def closed_figures():
    set_style()
    yield
    plt.close("all")


def words(figure):
    return " | ".join(text.get_text() for text in figure.findobj(Text) if text.get_text())


def drawn(figure, tmp_path):
    """Draw it for real: some errors show only then."""
    save(figure, tmp_path / "figure", ["png"], 40)
    return figure


def rate(test, case, rate, holds=True, k=19, level=0.05, reachable=True):
    return {
        "test": test,
        "case": case,
        "k": k,
        "level": level,
        "reachable": reachable,
        "rate": rate,
        "low": rate * 0.9,
        "high": min(rate * 1.1, 1),
        "low_all": rate * 0.8,
        "high_all": min(rate * 1.2, 1),
        "holds": holds,
    }


def dots(axes):
    return {
        int(line.get_ydata()[0]): (float(line.get_xdata()[0]), to_hex(line.get_color()))
        for line in axes.get_lines()
        if line.get_marker() == "o"
    }


def test_rates_show_what_holds_what_does_not_and_what_was_broken(tmp_path):
    table = pd.DataFrame(
        [
            rate("shuffle", "iid", 0.05),
            rate("shuffle", "drift", 1.0, holds=False),
            rate("shuffle", "dark_cats", 0.8, holds=False),
            rate("placebo", "iid", 0.06, k=19),
            rate("placebo", "iid", 0.04, k=99),
            rate("placebo", "iid", 0.9, level=0.1),
            rate("placebo", "drift", 0.0),
            rate("placebo", "dark_cats", 0.0, reachable=False),
        ]
    )
    figure = drawn(draw_rates(table, TESTS, CASES, [("shuffle", "drift")]), tmp_path)
    first, second = figure.axes[:2]
    assert dots(first)[0] == (0.05, to_hex(GOOD))
    assert dots(first)[1] == (1.0, to_hex(GREY))
    assert dots(first)[2] == (0.8, to_hex(BAD))
    # The largest K, at level .05; a rate of 0 is drawn at the end of the axis.
    assert dots(second)[0] == (0.04, to_hex(GOOD))
    assert dots(second)[1] == (LEAST_RATE, to_hex(GOOD))
    assert 2 not in dots(second)
    said = words(figure)
    assert "too few placebos" in said
    assert "model dark_cats" in said
    assert "not there" not in said


def decay():
    rows = []
    for name in CLASSIFIERS:
        for statistic in ("epgm", "epgm_4", "paper_grad"):
            for steps in (5, 9, 17):
                error = 0.0 if name == "fur" and statistic == "epgm" else 1 / steps**2
                rows.append(
                    {"classifier": name, "statistic": statistic, "steps": steps, "rmse": error}
                )
    return pd.DataFrame(rows)


def scores(engines):
    return pd.DataFrame(
        {
            "classifier": name,
            "image": f"im{k}",
            "engine": engine,
            "truth": 0.5 + k / 10,
            "covered": 0.4 + k / 10,
            "epgm": 0.4 + k / 10,
        }
        for engine in engines
        for name in CLASSIFIERS
        for k in range(4)
    )


def test_truth_says_bias_against_the_whole_and_the_reached_range(tmp_path):
    figure = drawn(draw_truth(decay(), scores(["exact", "edited"]), CLASSIFIERS), tmp_path)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert "bias −0.100" in titles[2]
    assert "bias +0.000" in titles[3] or "bias −0.000" in titles[3]
    assert len(figure.axes) == 4
    assert "no error" in words(figure)


def test_truth_without_an_editor(tmp_path):
    figure = drawn(draw_truth(decay(), scores(["exact"]), CLASSIFIERS), tmp_path)
    assert len(figure.axes) == 2
    assert "editor" not in words(figure)


def roc(engines):
    areas = pd.DataFrame(
        {
            "truth": kind,
            "engine": engine,
            "statistic": statistic,
            "model": model,
            "n": 30,
            "positive": 20,
            "auc": area,
            "low": area - 0.05,
            "high": area,
        }
        for kind in ("flips", "moves")
        for engine in engines
        for statistic, area in (("epgm", 0.97), ("corr", 0.7), ("mi", 0.6))
        for model in ("all", "dark_cats")
    )
    curves = areas[areas["model"] == "all"][["truth", "engine", "statistic"]]
    curves = pd.concat(
        curves.assign(false_positive=x, true_positive=np.sqrt(x)) for x in (0, 0.5, 1)
    )
    return curves, areas


def test_roc_names_areas_with_intervals_and_what_is_true(tmp_path):
    figure = drawn(draw_roc(*roc(["exact", "edited"]), 0.2), tmp_path)
    assert len(figure.axes) == 4
    said = words(figure)
    assert "epgm  0.97 [0.92, 0.97]" in said
    assert "p moves > 0.2 (20 of 30)" in said


def test_roc_without_an_editor_or_any_curve(tmp_path):
    curves, areas = roc(["exact"])
    areas[["auc", "low", "high"]] = np.nan
    figure = drawn(draw_roc(curves[:0], areas, 0.2), tmp_path)
    assert len(figure.axes) == 2


def power(slopes):
    keys = [(noise, shape) for noise in ("iid", "ar_0.9") for shape in ("drift", "bump")]
    keys += [("nuisance", f"logistic, {engine}") for engine in slopes]
    return pd.DataFrame(
        {
            "noise": noise,
            "shape": shape,
            "size": size,
            "test": test,
            "power": min(size / 4, 1),
            "low": min(size / 5, 1),
            "high": min(size / 3, 1),
        }
        for noise, shape in keys
        for test in ("placebo_net", "signflip", "another")
        for size in (0.0, 2.0, 4.0)
    )


@pytest.mark.parametrize("slopes", [["exact", "edited"], ["exact"]])
def test_power_has_a_line_of_panels_per_noise(slopes, tmp_path):
    figure = drawn(draw_power(power(slopes)), tmp_path)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert ["independent" in title for title in titles[:3]] == [True, True, False]
    assert "logistic" in titles[2]
    assert ["AR(1)" in title for title in titles[3:5]] == [True, True]
    said = words(figure)
    assert LOOKS["placebo_net"]["label"] in said
    assert "another" not in said
