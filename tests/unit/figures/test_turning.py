"""All classes along a turn."""

import numpy as np

from zollstock.figures.turning import Turn, draw_turns

from .conftest import inside, words

AXIS = np.array([0.0, 90.0, 180.0, 270.0])
CURVES = {"elephant": np.array([0.9, 0.2, 0.8, 0.3]), "giraffe": np.array([0.1, 0.5, 0.1, 0.4])}
FRAMES = np.zeros((2, 8, 8, 3), np.uint8)


def drawn(turns, **how):
    told = {"title": "yaw", "axis_title": "yaw, deg", "unit": "deg", "period": 360.0}
    told |= {"noun": "similarity", "flattest": 0.02, "palette": "petroff10"}
    return dict(draw_turns(turns, **told | how))


def lines(figure, gid):
    return [line for axes in figure.axes for line in axes.lines if line.get_gid() == gid]


def test_a_page_a_model_with_all_classes_and_the_ends_of_the_own_one():
    turn = Turn("toy", "elephant", AXIS, CURVES, (0, 1), FRAMES)
    found = drawn([("clip", [turn]), ("other", [])])
    assert list(found) == ["clip", "other"]
    page = found["clip"]
    curves = lines(page, "class")
    assert [line.get_ydata().tolist() for line in curves] == [c.tolist() for c in CURVES.values()]
    assert curves[0].get_linewidth() > curves[1].get_linewidth()
    marks = [(*line.get_xdata(), *line.get_ydata()) for line in lines(page, "extreme")]
    assert marks == [(0.0, 0.9), (90.0, 0.2)]
    # The way back to the first frame, of each class.
    assert [line.get_ydata().tolist() for line in lines(page, "closing")] == [
        [0.3, 0.9],
        [0.4, 0.1],
    ]
    said = words(page)
    for word in ("yaw: clip", "highest, 0 deg", "lowest, 90 deg", "of elephant", "giraffe", "toy"):
        assert word in said
    inside(page)
    assert "no path" in words(found["other"])


def test_an_axis_that_ends_where_it_began_is_not_led_back():
    axis = np.append(AXIS, 360.0)
    curves = {name: np.append(curve, curve[0]) for name, curve in CURVES.items()}
    page = drawn([("clip", [Turn("toy", "elephant", axis, curves, (0, 1), FRAMES)])])["clip"]
    assert lines(page, "closing") == []
