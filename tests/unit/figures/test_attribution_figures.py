"""Figures of maps from graphs say no more of a map than it does, and bear that there is none."""

import numpy as np
import pandas as pd

from zollstock.figures.attributions import (
    AttributionPage,
    draw_attribution_maps,
    draw_attributions,
)
from zollstock.trace.maps import GRAPH, RANDOM_GRAPH
from zollstock.trace.tables import TABLES

COLUMNS = ["model", *TABLES["attribution_ranking"]]


def pixels_of(figure):
    (image,) = (one for axes in figure.axes for one in axes.images)
    return np.asarray(image.get_array(), float)


def test_where_a_graph_does_not_look_is_not_drawn_as_what_holds_the_logit_down():
    values = np.full((16, 16), 5.0, np.float32)
    values[:4], values[12:] = 1.0, 9.0
    picture = np.full((16, 16, 3), 128, np.uint8)

    def drawn(method):
        page = AttributionPage("p", "t", ["image 1"], [picture], [method], [{method: values}])
        ((name, figure),) = draw_attribution_maps([page])
        assert name == "p"
        return pixels_of(figure)

    def blue(pixels):
        return bool((pixels[..., 2] > pixels[..., 0] + 20).any())

    def red(pixels):
        return bool((pixels[..., 0] > pixels[..., 2] + 20).any())

    for name in (GRAPH, RANDOM_GRAPH):
        assert red(drawn(name)) and not blue(drawn(name))
    values -= 5
    assert red(drawn("saliency")) and blue(drawn("saliency"))


def test_the_random_graph_is_last_and_none_is_an_empty_figure():
    rows = [
        {"model": "m", "measure": measure, "method": method, "n": 3, "mean": mean}
        | {"low": mean - 0.1, "high": mean + 0.1}
        for measure in ("srg", "irof", "lipschitz", "irof_raw")
        for method, mean in ((RANDOM_GRAPH, 0.9), (GRAPH, 0.2), ("ig", 0.5))
    ]
    figure = draw_attributions(pd.DataFrame(rows, columns=COLUMNS))
    # What hangs on the unit of a map is in the table alone.
    assert len(figure.axes) == 3
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["ig", GRAPH, RANDOM_GRAPH]
    assert draw_attributions(pd.DataFrame([], columns=COLUMNS)).axes == []
