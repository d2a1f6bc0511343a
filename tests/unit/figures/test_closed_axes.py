"""Curves over an axis that closes on itself are led back to their first point."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from zollstock.figures.panels import closing, draw_model, panel_words
from zollstock.significance.beside import Beside

from .conftest import row, words
from .test_cards import card
from .test_response import response

ANGLES = np.array([0.0, 90, 180, 270])
CURVE = np.array([0.2, 0.9, 0.4, 0.7])
NONE = Beside(np.empty(0), np.empty((0, 0)))


def drawn(axis, p, period):
    figure, axes = plt.subplots()
    draw_model(axes, axis, p, 0.2, NONE, {"color": "C0"}, None, period)
    found = [line.get_xydata().tolist() for line in axes.lines if line.get_gid() == "closing"]
    plt.close(figure)
    return found, axes


def test_the_first_point_comes_again_a_period_later():
    found, axes = drawn(ANGLES, CURVE, 360)
    assert found == [[[270, 0.7], [360, 0.2]]]
    assert axes.get_xlim() == (0, 360)
    assert axes.get_xticks().tolist() == [0, 90, 180, 270, 360]


def test_an_axis_that_falls_closes_downwards():
    found, axes = drawn(-ANGLES, CURVE, 360)
    assert found == [[[-270, 0.7], [-360, 0.2]]]
    assert axes.get_xlim() == (0, -360)


@pytest.mark.parametrize("period", [None, 270])
def test_nothing_is_added_to_an_open_axis_or_where_the_last_frame_is_the_first(period):
    found, axes = drawn(ANGLES, CURVE, period)
    assert found == [] and axes.get_xlim() == (0, 270)
    assert closing(ANGLES[:1], CURVE[:1], 360) is None


def test_a_card_tells_the_range_where_there_is_no_last_frame(tmp_path):
    turned = card(tmp_path, series=CURVE, axis=ANGLES, beside=NONE, period=360)
    assert words(turned).count("P(dog) 0.20 to 0.90") == 2 and "→" not in words(turned)
    assert "270" in words(turned)
    opened = card(tmp_path, series=CURVE, axis=ANGLES, beside=NONE)
    assert words(opened).count("P(dog) 0.20 → 0.70") == 2


def test_words_of_a_curve_without_numbers():
    for p in (np.array([np.nan, 1]), np.empty(0)):
        assert "no number" in str(panel_words("m", row(), p, 3, closed=True))


def test_images_and_their_mean_are_led_back(tmp_path):
    second = CURVE[::-1]
    figure = response([CURVE, second], tmp_path, axes=[ANGLES] * 2, period=360)
    lines = [line for line in figure.axes[0].lines if line.get_gid() == "closing"]
    ends = [line.get_ydata().tolist() for line in lines]
    np.testing.assert_allclose(ends, [[0.7, 0.2], [0.2, 0.7], [0.45, 0.45]])
    assert figure.axes[0].get_xlim() == (0, 360)
    figure = response([CURVE, [np.nan] * 4], tmp_path, axes=[ANGLES] * 2, period=360)
    assert figure.axes[0].get_xlim() == (0, 360)
