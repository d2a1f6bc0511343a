"""The volcano: what stands where, and tables with holes in them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

from zollstock.figures.style import model_looks, save
from zollstock.figures.volcano import draw_volcano

from .conftest import words

MODELS = ["unbiased", "dark_cats"]
LOOKS = model_looks(MODELS, "petroff10")
TITLES = {"fur": "fur lightness", "noise": "pixel noise"}
NAN = float("nan")


def image_rows(effects=(0.1, 0.3), q=0.04, resolution=0.05, images=3):
    rows = [
        {"image": f"i{number}", "property": name, "model": model, "flags": ""}
        | {"corrected": effect * (1 + number), "resolution": resolution, "q_bh": q}
        for name in TITLES
        for model, effect in zip(MODELS, effects, strict=True)
        for number in range(images)
    ]
    return pd.DataFrame(rows)


def mean_rows(scores=(0.2, 0.6), q=0.01):
    rows = [
        {"property": name, "title": TITLES[name], "placebo": name == "noise", "model": model}
        | {"corrected": score, "corrected_low": 0.8 * score, "corrected_high": 1.2 * score}
        | {"p": q, "q_bh": 1.0 if name == "noise" else q, "q_by": q}
        for name in TITLES
        for model, score in zip(MODELS, scores, strict=True)
    ]
    return pd.DataFrame(rows)


def drawn(tests, groups, tmp_path, titles=TITLES, looks=LOOKS, alpha=0.05):
    figure = draw_volcano(tests, groups, looks, titles, alpha=alpha)
    save(figure, tmp_path / "volcano", ["png"], figure.dpi)  # at another words keep its size
    return figure


def boxes_of_words(figure):
    """Return where words stand, in pixels; numbers on axes are left out, some are never shown."""
    ticks = {
        text
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.majorTicks, *axis.minorTicks)
        for text in (tick.label1, tick.label2)
    }
    found = [text for text in figure.findobj(Text) if text.get_text() and text not in ticks]
    return [text.get_window_extent() for text in found]


def lines(axes, kind):
    return [line for line in axes.lines if line.get_gid() == kind and len(line.get_xdata())]


def points(axes, kind):
    return [tuple(point) for line in lines(axes, kind) for point in line.get_xydata()]


def test_every_property_has_a_panel_with_its_means_and_images(tmp_path):
    figure = drawn(image_rows(), mean_rows(), tmp_path)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "fur lightness",
        "placebo: pixel noise",
    ]
    fur, noise = figure.axes
    np.testing.assert_allclose(sorted(points(fur, "mean")), [(0.2, 2), (0.6, 2)])
    np.testing.assert_allclose([y for _, y in points(noise, "mean")], 0)
    assert len(points(fur, "image")) == 6
    np.testing.assert_allclose([y for _, y in points(fur, "image")], -np.log10(0.04))
    assert {line.get_color() for line in lines(fur, "image")} == {
        look["color"] for look in LOOKS.values()
    }
    assert "2 of 4 means (property × model) reach q ≤ 0.05, none of them of a placebo" in words(
        figure
    )


def test_placebo_properties_are_hollow(tmp_path):
    fur, noise = drawn(image_rows(), mean_rows(), tmp_path).axes
    for kind in ("mean", "image"):
        assert {line.get_markerfacecolor() for line in lines(noise, kind)} == {"white"}
        assert "white" not in {line.get_markerfacecolor() for line in lines(fur, kind)}


def test_a_placebo_that_reaches_alpha_is_called_out(tmp_path):
    groups = mean_rows()
    groups["q_bh"] = 0.01
    text = words(drawn(image_rows(), groups, tmp_path))
    assert "4 of 4 means (property × model) reach q ≤ 0.05, 2 of them of a placebo property" in text


def test_lines_of_alpha_and_of_the_smallest_q(tmp_path):
    figure = drawn(image_rows(resolution=0.1, q=0.3), mean_rows(), tmp_path)
    for axes in figure.axes:
        levels = [line.get_ydata()[0] for line in lines(axes, "level")]
        np.testing.assert_allclose(levels, [-np.log10(0.05), 1])
        assert axes.get_ylim()[1] > 2
    assert "No single image can reach q ≤ 0.05" in words(figure)
    assert "No single image" not in words(drawn(image_rows(), mean_rows(), tmp_path))


def test_flagged_edits_are_crosses(tmp_path):
    tests, groups = image_rows(), mean_rows()
    tests.loc[(tests["image"] == "i0") & (tests["property"] == "fur"), "flags"] = "entangled;flat"
    tests.loc[1, "flags"] = "entangled"  # a second one of the first model
    fur, _ = drawn(tests, groups, tmp_path).axes
    crosses = [line for line in lines(fur, "image") if line.get_marker() == "x"]
    assert [len(line.get_xdata()) for line in crosses] == [2, 1]
    assert points(fur, "crossed") == [(0.2, 2.0)]  # 2 of 3 images, not the one with 1 of 3


def test_rows_without_q_or_effect_are_left_out_and_counted(tmp_path):
    tests, groups = image_rows(), mean_rows()
    tests.loc[:1, "q_bh"] = NAN
    tests.loc[2, "corrected"] = NAN
    groups.loc[0, "q_bh"] = NAN
    figure = drawn(tests, groups, tmp_path)
    assert len(points(figure.axes[0], "image")) == 3
    assert len(points(figure.axes[0], "mean")) == 1
    assert "3 of 12 single images, 1 of 4 means" in words(figure)
    assert "nan" not in words(figure)


def test_nothing_to_draw_is_said(tmp_path):
    tests, groups = image_rows(q=NAN), mean_rows()
    groups["q_bh"] = NAN
    tests["flags"] = NAN
    text = words(drawn(tests, groups, tmp_path))
    assert text == "No image was tested, so there is no evidence to draw."


def test_effects_over_decades_have_a_logarithmic_axis(tmp_path):
    assert drawn(image_rows(), mean_rows(), tmp_path).axes[0].get_xscale() == "linear"
    figure = drawn(image_rows(effects=(0.0, 0.9)), mean_rows(scores=(1e-5, 0.9)), tmp_path)
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    left = min(x for kind in ("mean", "image") for x, _ in points(axes, kind))
    assert left == pytest.approx(0.0027)  # a thousandth of the highest, 3 × 0.9
    assert axes.get_xlim()[0] < left
    assert "≤ 0.003" in words(figure)


def test_names_stand_beside_few_models_and_overlap_nothing(tmp_path):
    figure = drawn(image_rows(), mean_rows(), tmp_path)
    for axes in figure.axes:
        names = [text for text in axes.texts if text.get_gid() == "name"]
        assert {text.get_text() for text in names} == set(MODELS)
        boxes = [text.get_window_extent() for text in names]
        assert not any(
            one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place]
        )
        marks = axes.transData.transform(points(axes, "mean"))
        assert not any(box.contains(*mark) for box in boxes for mark in marks)


@pytest.mark.parametrize(("models", "properties", "images"), [(1, 1, 1), (8, 5, 2), (3, 4, 300)])
def test_sizes_and_long_titles(tmp_path, models, properties, images):
    looks = model_looks([f"model_{number}" for number in range(models)], "petroff10")
    titles = {
        f"p{number}": "a rather long title of a property " * 3 for number in range(properties)
    }
    tests = pd.DataFrame(
        [
            {"image": str(image), "property": name, "model": model, "flags": "", "corrected": 0.1}
            | {"resolution": 0.05, "q_bh": 1e-9}
            for name in titles
            for model in looks
            for image in range(images)
        ]
    )
    groups = pd.DataFrame(
        [
            {"property": name, "placebo": name == "p4", "model": model}
            | {"corrected": 0.1, "corrected_low": NAN, "corrected_high": NAN, "q_bh": 1e-9}
            for name in titles
            for model in looks
        ]
    )
    figure = drawn(tests, groups, tmp_path, titles, looks)
    assert len(figure.axes) == properties
    boxes = [axes.get_position() for axes in figure.axes]
    assert min(box.y0 for box in boxes) > 0
    assert max(box.x1 for box in boxes) <= 1
    assert "≤ 10⁻⁶" in words(figure)
    for box in boxes_of_words(figure):
        assert box.x0 >= -1
        assert box.x1 <= figure.bbox.x1 + 1


NUMBERS = st.one_of(st.just(NAN), st.floats(0, 1))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    effects=st.lists(NUMBERS, min_size=12, max_size=12),
    q=st.lists(st.one_of(st.just(NAN), st.floats(1e-12, 1)), min_size=12, max_size=12),
)
def test_every_row_is_drawn_or_counted(effects, q):
    tests = image_rows().assign(corrected=effects, q_bh=q)
    figure = draw_volcano(tests, mean_rows(), LOOKS, TITLES, alpha=0.05)
    count = sum(len(points(axes, "image")) for axes in figure.axes)
    assert count == (np.isfinite(effects) & np.isfinite(q)).sum()
    if count < 12:
        assert f"{12 - count} of 12 single images" in words(figure)
    for axes in figure.axes:
        low, high = axes.get_ylim()
        assert all(low < y < high for _, y in points(axes, "image"))


def test_names_keep_off_single_images_and_never_stand_beside_two_means(tmp_path):
    tests, groups = image_rows(images=1, q=0.01), mean_rows()
    tests["corrected"] = [0.26, 0.6, 0.26, 0.6]  # where the name of a mean at 0.2 would stand
    fur = drawn(tests, groups, tmp_path).axes[0]
    names = [text for text in fur.texts if text.get_gid() == "name"]
    marks = fur.transData.transform(points(fur, "image"))
    assert len(names) == 2
    assert not any(text.get_window_extent().contains(*mark) for text in names for mark in marks)
    groups["corrected"] = 0.4
    fur = drawn(tests, groups, tmp_path).axes[0]
    assert not [text for text in fur.texts if text.get_gid() == "name"]
