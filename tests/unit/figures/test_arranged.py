"""Models by two factors along a property."""

import numpy as np
import pandas as pd

from zollstock.arrangement import Arranged
from zollstock.figures.arranged import draw_arranged

AXIS = np.linspace(0, 1, 5)
PLACES = Arranged(["ViT", "ResNet"], ["clean", "biased"], [["vc", "vb"], [None, "rb"]])


def drawn(telling=None, images=("a", "b")):
    models = ("vc", "vb", "rb")
    curves = {
        name: {model: AXIS * (1 + k) / 4 + j / 10 for k, model in enumerate(models)}
        for j, name in enumerate(images)
    }
    return draw_arranged(
        PLACES,
        dict.fromkeys(images, AXIS),
        curves,
        telling,
        pd.DataFrame({"model": models, "paper_grad": [0.001, 0.002, 0.003]}),
        pd.DataFrame({"output": ["nevus"]}),
        "petroff10",
        title="a patch",
        axis_title="opacity",
        boundary=0.5,
    )


def lines(axes, gid):
    return [line for line in axes.get_lines() if line.get_gid() == gid]


def test_a_panel_a_row_and_a_mean_a_column():
    first, second = drawn().axes
    assert [axes.get_title("left") for axes in (first, second)] == ["ViT", "ResNet"]
    clean, biased = lines(first, "mean")
    np.testing.assert_allclose(clean.get_ydata(), AXIS / 4 + 0.05)
    np.testing.assert_allclose(biased.get_ydata(), AXIS / 2 + 0.05)
    (alone,) = lines(second, "mean")
    # A column has its colour in every panel.
    assert alone.get_color() == biased.get_color() != clean.get_color()
    assert [text.get_text() for text in first.texts] == ["0.0010", "0.0020"]
    assert [text.get_text() for text in second.texts] == ["0.0030"]
    assert len(lines(second, "boundary")) == 1


def test_without_a_path_panels_are_empty():
    assert not [line for axes in drawn(images=()).axes for line in lines(axes, "mean")]
