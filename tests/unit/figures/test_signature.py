"""The signature plot: points, line and marks, and what it says about short or missing paths."""

import numpy as np
import pytest

from zollstock.figures.signature import draw_signature
from zollstock.figures.style import model_looks, save
from zollstock.scoring.inspection import fitted

from .conftest import words

MODELS = ["plain", "biased"]
LOOKS = model_looks(MODELS, "petroff10")
SPACINGS = np.array([1.0, 2, 4, 8])


def jittery(a=0.1, b=0.4):
    return fitted(SPACINGS, a + b / SPACINGS)


def drawn(curves, tmp_path, looks=LOOKS, title="fur"):
    figure = draw_signature(curves, looks, title=title)
    save(figure, tmp_path / "signature", ["png"], 40)
    return figure


def lines(axes, kind):
    return [line for line in axes.lines if line.get_gid() == kind]


def test_points_line_and_marks(tmp_path):
    figure = drawn({"a": {"plain": jittery(0.6, 0), "biased": jittery()}}, tmp_path)
    (axes,) = figure.axes
    flat, falling = lines(axes, "points")
    np.testing.assert_array_equal(falling.get_xdata(), SPACINGS)
    np.testing.assert_allclose(falling.get_ydata(), 0.1 + 0.4 / SPACINGS)
    np.testing.assert_allclose(flat.get_ydata(), 0.6)
    fit = lines(axes, "fit")[1]
    np.testing.assert_allclose(fit.get_ydata(), 0.1 + 0.4 / fit.get_xdata())
    np.testing.assert_allclose([line.get_ydata()[0] for line in lines(axes, "a")], [0.6, 0.1])
    assert [line.get_ydata()[0] for line in lines(axes, "plain")] == [0.6, 0.5]
    assert not lines(axes, "corrected")
    assert {"0.60", "0.50"} <= set(words(figure).split(" | "))
    assert "spacing k" in words(figure)


def test_a_short_path_has_a_point_and_no_line(tmp_path):
    one = {"a": {"plain": fitted(np.array([1.0]), np.array([0.3]))}}
    (axes,) = drawn(one, tmp_path, model_looks(["plain"], "petroff10")).axes
    assert not lines(axes, "fit")
    assert len(lines(axes, "points")) == 1
    assert lines(axes, "plain")[0].get_ydata()[0] == 0.3


def test_missing_scores(tmp_path):
    nothing = fitted(np.array([]), np.array([]))
    plain = fitted(SPACINGS[:1], np.array([0.3]))
    curves = {
        "a": dict.fromkeys(MODELS, nothing),
        "b": {"biased": jittery()},
        "c": {"plain": plain, "biased": nothing},
    }
    figure = drawn(curves, tmp_path)
    assert words(figure).count("no score") == 1
    assert [len(lines(axes, "points")) for axes in figure.axes] == [0, 1, 1]
    assert "0.30" in words(figure).split(" | ")
    assert "nan" not in words(figure)
    assert words(drawn({"a": {}}, tmp_path)).count("no score") == 1


def test_all_panels_have_one_scale_that_starts_at_0(tmp_path):
    curves = {"a": {"plain": jittery(0.9)}, "b": {"plain": jittery(0.01, 0.01)}}
    figure = drawn(curves, tmp_path)
    limits = {axes.get_ylim() for axes in figure.axes}
    assert len(limits) == 1
    low, high = limits.pop()
    assert low <= 0
    assert high > 1.3


@pytest.mark.parametrize(("images", "models"), [(1, 8), (8, 3), (30, 4)])
def test_at_most_24_images_and_nothing_overlaps(images, models):
    looks = model_looks([f"a_long_model_name_{n}" for n in range(models)], "petroff10")
    curves = {
        f"a_very_long_name_of_an_image_{number:03d}": dict.fromkeys(looks, jittery())
        for number in range(images)
    }
    figure = draw_signature(curves, looks, title="a rather long title of a property " * 4)
    assert len(figure.axes) == min(images, 24)
    assert ("the first 24 of 30 images" in words(figure)) == (images == 30)
    panels = [axes.get_tightbbox() for axes in figure.axes]
    others = [text.get_window_extent() for text in figure.texts]
    others += [legend.get_window_extent() for legend in figure.legends]
    boxes = panels + others
    for place, one in enumerate(boxes):
        assert one.x0 >= 0
        assert one.y0 >= 0
        assert one.x1 <= figure.bbox.x1
        assert one.y1 <= figure.bbox.y1
        assert not any(one.overlaps(other) for other in boxes[:place])
