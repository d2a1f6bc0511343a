"""Heat maps over a grid of two properties."""

import numpy as np
import pandas as pd
import pytest

from zollstock.figures.grid import draw_grid

from .conftest import words

AXES = np.linspace(0, 1, 5), np.linspace(0, 1, 4)
LONG = "a property whose name has very many letters indeed, $x_1$"


def drawn_with(surfaces, models, **how):
    scores = pd.DataFrame(
        [
            {"image": image, "model": model, "partial_first": 0.25, "partial_second": 0.5}
            | {"interaction": 0.125}
            for image in surfaces
            for model in models
        ]
    )
    return draw_grid(surfaces, AXES, scores, ["fur", LONG], models, title=LONG, **how)


def test_a_panel_an_image_and_model_and_one_of_the_mean():
    rng = np.random.default_rng(0)
    models = ["plain", "x" * 40]
    surfaces = {name: {model: rng.random((5, 4)) for model in models} for name in ("a", "b")}
    figure = drawn_with(surfaces, models)
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert len(panels) == 6
    figure.canvas.draw()
    meshes = [axes.collections[0].get_array().reshape(4, 5) for axes in panels]
    mean = np.mean([surfaces[name]["plain"] for name in surfaces], axis=0)
    np.testing.assert_allclose(meshes[0], mean.T)
    np.testing.assert_allclose(meshes[2], surfaces["a"]["plain"].T)
    text = words(figure)
    assert "→ 0.25   ↑ 0.50   × 0.12" in text and "mean of all images" in text


def test_a_failed_grid_says_so_and_is_no_part_of_the_mean():
    whole = np.full((5, 4), 0.25)
    surfaces = {"a": {"m": whole}, "b": {"m": whole * np.nan}}
    figure = drawn_with(surfaces, ["m"])
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    np.testing.assert_allclose(panels[0].collections[0].get_array(), 0.25)
    assert "failed" in words(figure)
    assert not panels[2].collections


@pytest.mark.parametrize(("boundary", "contours"), [(0.5, 1), (0.0, 0), (None, 0)])
def test_the_line_and_the_scale_are_those_of_the_output(boundary, contours):
    """Similarities between .2 and .6 have no decision, and use all colours."""
    rising = np.linspace(0.2, 0.6, 20).reshape(5, 4)
    figure = drawn_with({"a": {"m": rising}}, ["m"], boundary=boundary)
    mesh, *lines = figure.axes[0].collections
    assert len(lines) == contours
    assert mesh.get_clim() == pytest.approx((0, 1) if boundary == 0.5 else (0.2, 0.6))
