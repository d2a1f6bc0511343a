"""Dose and response: what is averaged over images and what is not."""

import numpy as np
import pandas as pd
import pytest

from zollstock.figures.response import draw_response
from zollstock.figures.style import model_looks, save
from zollstock.significance.beside import Beside

from .conftest import inside, words

NAN = float("nan")
AXIS = np.linspace(0, 1, 5)
NONE = Beside(np.empty(0), np.empty((0, 0)))


def response(series, tmp_path, *, axes=None, placebos=None, models=("plain",), **how):
    names = [f"i{number}" for number in range(len(series))]
    axes = axes or [AXIS] * len(names)
    beside = placebos or [NONE] * len(names)
    figure = draw_response(
        dict(zip(names, axes, strict=True)),
        {name: dict.fromkeys(models, np.array(p)) for name, p in zip(names, series, strict=True)},
        {name: dict.fromkeys(models, float(p[0])) for name, p in zip(names, series, strict=True)},
        {name: dict.fromkeys(models, found) for name, found in zip(names, beside, strict=True)},
        pd.DataFrame({"output": [how.pop("output", "dog")]}),
        model_looks(list(models), "petroff10"),
        title=how.pop("title", "fur"),
        axis_title="guidance scale",
        boundary=how.pop("boundary", 0.5),
        **how,
    )
    save(figure, tmp_path / "response", ["png"], figure.dpi)
    return figure


def lines(figure, kind, place=0):
    return [line for line in figure.axes[place].lines if line.get_gid() == kind]


def bands(figure):
    return [part for part in figure.axes[0].collections if part.get_gid() == "band"]


def test_a_mean_over_images_and_a_line_for_each(tmp_path):
    figure = response([[0, 0.2, 0.4, 0.6, 1], [0, 0, 0, 0, 0]], tmp_path)
    (mean,) = lines(figure, "mean")
    np.testing.assert_allclose(mean.get_ydata(), [0, 0.1, 0.2, 0.3, 0.5])
    (images,) = lines(figure, "image")
    assert np.isnan(images.get_ydata()).sum() == 2  # a gap behind each
    assert lines(figure, "boundary")[0].get_ydata()[0] == 0.5
    assert "guidance scale" in words(figure)
    assert "P(dog)" in words(figure)


def test_placebos_move_the_mean_of_all_images(tmp_path):
    """Twenty placebos of an image change it by 0 … 0.19 at the end: so does the band."""
    change = np.linspace(0, 0.19, 20)[:, None] * np.array([0, 0.5, 1])
    beside = Beside(np.array([0, 0.5, 1]), change)
    flat = [[0.2] * 5, [0.4] * 5]
    (band,) = bands(response(flat, tmp_path, placebos=[beside, beside]))
    corners = band.get_paths()[0].vertices
    ends = corners[corners[:, 0] == 1][:, 1]
    low, high = np.quantile(np.linspace(0, 0.19, 20), [0.05, 0.95])
    np.testing.assert_allclose([ends.min(), ends.max()], [0.3 + low, 0.3 + high])


def test_a_band_of_probabilities_stays_between_0_and_1(tmp_path):
    beside = Beside(np.array([0.0, 1.0]), np.linspace(-1, 0.1, 20)[:, None] * np.array([0, 1]))
    ends = []
    for how in ({}, {"bounds": (0.0, 1.0)}):
        (band,) = bands(response([[0.2] * 5], tmp_path, placebos=[beside], **how))
        ends.append(band.get_paths()[0].vertices[:, 1].min())
    assert ends[0] < -0.5 and ends[1] == 0


def test_no_band_where_most_images_have_no_placebos(tmp_path):
    beside = Beside(np.array([0.0, 1.0]), np.zeros((20, 2)))
    flat = [[0.2] * 5] * 3
    figure = response(flat, tmp_path, placebos=[beside, NONE, NONE])
    assert not bands(figure)
    assert "placebo" not in words(figure)
    few = Beside(np.array([0.0, 1.0]), np.zeros((3, 2)))
    assert not bands(response(flat, tmp_path, placebos=[few] * 3))


def test_paths_with_axes_of_their_own_are_averaged_where_they_are(tmp_path):
    axes = [np.array([0, 1, NAN]), np.array([0, 0.5, 2])]
    figure = response([[0, 1, NAN], [0, 0.5, 2]], tmp_path, axes=axes)
    (mean,) = lines(figure, "mean")
    x, y = mean.get_xdata(), mean.get_ydata()
    np.testing.assert_allclose(y, x, atol=1e-12)
    assert x.max() == 2


def test_a_falling_axis_falls_and_failed_paths_are_left_out(tmp_path):
    figure = response([[0, 1], [0, 1]], tmp_path, axes=[np.array([1.0, 0]), np.full(2, NAN)])
    assert figure.axes[0].get_xlim() == (1, 0)
    assert "fur: 1 image" in words(figure)
    assert "no path" in words(response([[0, 1]], tmp_path, axes=[np.full(2, NAN)]))


@pytest.mark.parametrize(("images", "models"), [(1, 1), (8, 3), (200, 8)])
def test_nothing_is_cut(images, models, tmp_path):
    names = [f"a_$model_{n}_with_a_name_of_forty_letters" for n in range(models)]
    series = np.random.default_rng(0).random((images, 5))
    title = "a title of forty letters of <some> $kind " * 3
    beside = [Beside(AXIS, np.random.default_rng(1).normal(size=(19, 5)))] * images
    figure = response(series, tmp_path, models=names, title=title, output="c" * 40, placebos=beside)
    inside(figure)
    assert len([axes for axes in figure.axes if axes.axison]) == models


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("logit:dog", "logit of dog"),
        ("similarity:dog", "similarity to dog"),
        ("margin:" + "retriever" * 9, "margin of retriever"),
        ("cat + tabby − dog", "P(cat + tabby − dog)"),
        ("vector", "all classes"),
    ],
)
def test_the_axis_says_what_is_followed(tmp_path, output, said):
    figure = response([[0.2] * 5], tmp_path, output=output, boundary=None)
    assert said in words(figure)
    assert not lines(figure, "boundary")


def test_a_scale_of_small_numbers_is_not_flattened(tmp_path):
    """Similarities differ by little."""
    series = [[0.25, 0.26, 0.27, 0.28, 0.29]]
    spans = [
        np.ptp(response(series, tmp_path, output="similarity:dog", **how).axes[0].get_ylim())
        for how in ({}, {"flattest": 0.02})
    ]
    assert spans[0] > 0.2 and spans[1] < 0.06
