"""All models of one image in one panel: the curves, the frames and the legend."""

import numpy as np
import pandas as pd
import pytest

from zollstock.figures.overlay import draw_overlay
from zollstock.figures.sheets import Strip
from zollstock.figures.style import model_looks, save

from .conftest import inside, row, words

MODELS = ["plain", "dark_cats"]
AXIS = np.array([-1, -0.5, 0, 0.5, 1, np.nan])
CURVES = {
    "plain": np.array([0.1, 0.1, 0.2, 0.2, 0.2, np.nan]),
    "dark_cats": np.array([0.9, 0.8, 0.5, 0.2, 0.1, np.nan]),
}


def overlay(tmp_path, *, axis=AXIS, steps=(0, 2, 4), tests=None, **how):
    strip = Strip("cat_1", np.zeros((len(steps), 8, 8, 3), np.uint8), axis, np.array(steps))
    rows = [
        row(model=model, image="cat_1", p=p) for model, p in zip(MODELS, (0.35, 0.05), strict=True)
    ]
    scores = pd.DataFrame(
        {"image": ["cat_1", "cat_1", "dog_1"], "model": [*MODELS, "plain"]}
        | {"statistic": "epgm", "score": [0.1, 0.8, 9.0]}
    )
    figure = draw_overlay(
        how.pop("strip", strip),
        {"cat_1": CURVES},
        scores,
        pd.DataFrame(rows) if tests is None else tests,
        model_looks(MODELS, "petroff10"),
        title="fur lightness",
        axis_title="guidance scale",
        alpha=0.05,
        boundary=how.pop("boundary", 0.5),
        **how,
    )
    save(figure, tmp_path / "overlay", ["png"], figure.dpi)
    inside(figure)
    return figure


def lines(figure, kind):
    return [line for line in figure.axes[-1].lines if line.get_gid() == kind]


def test_every_model_is_a_line_and_its_score_and_p_stand_in_the_legend(tmp_path):
    figure = overlay(tmp_path)
    plain, dark = lines(figure, "target")
    np.testing.assert_array_equal(plain.get_xdata(), AXIS[:5])
    np.testing.assert_array_equal(dark.get_ydata(), CURVES["dark_cats"][:5])
    said = words(figure).split(" | ")
    assert "plain: epgm 0.10, p = 0.35" in said
    assert "dark_cats: epgm 0.80, p = 0.05" in said
    assert {"fur lightness: cat_1", "guidance scale", "P(dog)"} <= set(said)
    assert [line.get_ydata()[0] for line in lines(figure, "boundary")] == [0.5]


def test_dots_are_the_frames_above(tmp_path):
    figure = overlay(tmp_path, axis=AXIS[::-1], steps=(1, 3, 5))
    assert lines(figure, "target")[0].get_markevery() == [0, 2, 4]
    (strip,) = [axes for axes in figure.axes if axes.images]
    assert [label.get_text() for label in strip.get_xticklabels()] == ["1.00", "0.00", "−1.00"]
    assert figure.axes[-1].get_xlim() == (1, -1)


def test_what_was_not_tested_has_no_p(tmp_path):
    rows = [row(model=model, image="cat_1", p=float("nan")) for model in MODELS]
    said = words(overlay(tmp_path, tests=pd.DataFrame(rows), boundary=None))
    assert said.count("not tested") == 2
    assert "nan" not in said and "p =" not in said


def test_models_that_follow_different_classes_say_which(tmp_path):
    outputs = ["dog", "cat"]
    rows = [row(model=m, image="cat_1", output=o) for m, o in zip(MODELS, outputs, strict=True)]
    said = words(overlay(tmp_path, tests=pd.DataFrame(rows)))
    assert "(P(dog))" in said and "(P(cat))" in said and "P(class)" in said


def test_a_closed_axis_leads_back(tmp_path):
    assert len(lines(overlay(tmp_path, period=2.5), "closing")) == 2
    assert not lines(overlay(tmp_path), "closing")


@pytest.mark.parametrize("title", ["fur lightness"])
def test_without_any_score_it_says_so(tmp_path, title):
    figure = overlay(tmp_path, strip=None)
    assert words(figure) == f"{title} | no image has a score"
