"""Figures of scores beside the truth: what must be seen, also where parts are missing."""

import numpy as np
import pandas as pd

from zollstock.figures.truth import draw_roc, draw_truth

from .conftest import drawn, words

CLASSIFIERS = {"fur": "logistic in fur", "bump": "bump"}


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
    figure = drawn(draw_roc(*roc(["exact", "edited"]), 0.2, "fur_lightness"), tmp_path)
    assert len(figure.axes) == 4
    said = words(figure)
    assert "epgm  0.97 [0.92, 0.97]" in said
    assert "p moves > 0.2 (20 of 30)" in said
    assert "depends on fur lightness?" in said


def test_roc_without_an_editor_or_any_curve(tmp_path):
    curves, areas = roc(["exact"])
    areas[["auc", "low", "high"]] = np.nan
    figure = drawn(draw_roc(curves[:0], areas, 0.2, "fur_lightness"), tmp_path)
    assert len(figure.axes) == 2
