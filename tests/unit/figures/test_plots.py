import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

import zollstock
from zollstock.errors import ZollstockError
from zollstock.scoring.shuffle import null_distribution, shuffle_test, shuffled_series

ROOT = Path(zollstock.__file__).parents[1]
P = np.linspace(0, 1, 20) ** 2
FRAMES = np.arange(20 * 4 * 5 * 3, dtype=np.uint8).reshape(20, 4, 5, 3)
PLOTS = {
    "series": lambda ax: zollstock.plot_series({"mine": P, "yours": 1 - P}, ax=ax),
    "shuffles": lambda ax: zollstock.plot_shuffles(P, ax=ax),
    "null": lambda ax: zollstock.plot_null(P, "epgm", 200, ax=ax),
}


@pytest.fixture(autouse=True)
def no_figures():
    before = matplotlib.get_backend()
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")
    pyplot.switch_backend(before)


def test_every_name_is_in_the_legend_as_it_is():
    names = ["_led", "$\\frac$", "10% of $a and 20% of $b", "b"]
    axes = zollstock.plot_series(dict.fromkeys(names, P))
    axes.figure.canvas.draw()
    texts = axes.get_legend().get_texts()
    assert [text.get_text() for text in texts] == names
    assert not any(text.get_parse_math() for text in texts)


@pytest.mark.parametrize("plot", PLOTS)
def test_a_plot_takes_axes_or_makes_a_figure_that_a_notebook_shows(plot):
    mine = pyplot.figure().subplots()
    count = len(pyplot.get_fignums())
    assert PLOTS[plot](mine) is mine and len(pyplot.get_fignums()) == count
    assert PLOTS[plot](None).figure.number in pyplot.get_fignums()


def test_a_plot_changes_no_setting():
    before = dict(matplotlib.rcParams)
    for draw in PLOTS.values():
        draw(None)
    zollstock.plot_frames(FRAMES)
    assert dict(matplotlib.rcParams) == before


def test_the_null_is_that_of_the_test():
    ax = zollstock.plot_null(P, "corr", 300, seed=5)
    null, test = null_distribution(P, "corr", 300, 5), shuffle_test(P, "corr", 300, 5)
    assert sum(bar.get_height() for bar in ax.patches) == 300
    edges = [ax.patches[0].get_x(), ax.patches[-1].get_x() + ax.patches[-1].get_width()]
    np.testing.assert_allclose(edges, [null.min(), null.max()])
    assert ax.lines[0].get_xdata()[0] == test.score
    assert f"{test.p_value:.3g}" in ax.get_legend().get_texts()[1].get_text()


def test_the_shuffles_are_those_of_the_test():
    ax = zollstock.plot_shuffles(P, 3, seed=2)
    drawn = np.array([line.get_ydata() for line in ax.lines])
    np.testing.assert_array_equal(drawn, [*shuffled_series(P, 3, 2), P])


def test_curves_stand_over_the_axis():
    ax = zollstock.plot_series(P[:3], axis=[2.0, 3.0, 9.0])
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [2, 3, 9])
    assert ax.get_legend() is None and ax.get_xlabel() == "property"


def test_frames_are_evenly_spread_ends_included():
    places = zollstock.plot_frames(FRAMES, 4, axis=np.arange(20.0))
    shown = [np.asarray(ax.images[0].get_array()) for ax in places]
    np.testing.assert_array_equal(shown, FRAMES[[0, 6, 12, 19]])
    assert [ax.get_title() for ax in places] == ["0", "6", "12", "19"]
    assert len(zollstock.plot_frames(list(FRAMES[:2]))) == 2
    given = pyplot.figure().subplots(1, 2)
    assert zollstock.plot_frames(FRAMES, axes=given)[1] is given[1]


@pytest.mark.parametrize("wrong", [{"frames": []}, {"frames": FRAMES, "axis": [1.0]}])
def test_frames_that_do_not_fit(wrong):
    with pytest.raises(ZollstockError):
        zollstock.plot_frames(**wrong)


def test_importing_all_figures_chooses_no_back_end():
    code = """
import importlib, pkgutil, matplotlib, zollstock.figures
def settings():  # to read the back-end as others do would choose one
    return {name: dict.__getitem__(matplotlib.rcParams, name) for name in matplotlib.rcParams}
before = settings()
for module in pkgutil.iter_modules(zollstock.figures.__path__, "zollstock.figures."):
    importlib.import_module(module.name)
import sys
assert "matplotlib.pyplot" not in sys.modules
assert settings() == before
matplotlib.use("svg")
import zollstock
zollstock.plot_series([0.0, 1.0])
print(matplotlib.get_backend())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "svg", done.stderr
