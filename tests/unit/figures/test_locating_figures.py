"""Figures of the stage `locate` where tables are empty, or hold no number."""

import numpy as np
import pytest

from zollstock.figures.locating import draw_control, draw_flips, draw_ranking
from zollstock.figures.maps import Along, MapPage, Path, coloured, draw_maps
from zollstock.figures.sheets import SIDE

from .conftest import drawn, inside, words
from .extremes import Case, Drawn


@pytest.fixture
def data(tmp_path):
    case = dict(images=3, models=2, properties=1, classes=2, title="fur", name="", flagged=False)
    return Drawn(Case(**case, folder=tmp_path))


@pytest.mark.parametrize("keep", ["nothing", "no number"])
def test_tables_without_numbers_are_drawn(data, keep, tmp_path):
    tables = [data.ranking, data.control, data.flips]
    for table in tables:
        numbers = table.select_dtypes(float).columns
        table[numbers] = np.nan
    if keep == "nothing":
        tables = [table.iloc[:0] for table in tables]
    ranking, control, flips = tables
    for figure in (
        draw_ranking(ranking, {"p0": "fur"}),
        draw_control(control, {"p0": "fur"}),
        draw_flips(flips),
    ):
        inside(drawn(figure, tmp_path))


def test_paths_within_models_are_compared_where_they_can_be(data):
    flips = data.flips
    assert "Only paths of the" in words(draw_flips(flips))
    flips.loc[flips["model"] == "within", ["auc", "low", "high"]] = np.nan
    assert "Within no model" in words(draw_flips(flips))
    flips[["auc", "low", "high"]] = np.nan
    said = words(draw_flips(flips))
    assert "nothing can be foretold" in said
    assert "tells models apart" not in said


def test_without_placebos_there_are_no_units(data):
    control = data.control.assign(units=np.nan, after=0.456, before=np.nan)
    said = words(draw_control(control, {"p0": "fur"}))
    assert "0.46" in said
    assert "nan" not in said
    assert "(–)" not in said


def test_red_is_more_and_blue_is_less():
    grey = np.full((4, 4, 3), 128, np.uint8)
    values = np.ones((4, 4), np.float32)
    red, blue = coloured(values, grey)[48, 48], coloured(-values, grey)[48, 48]
    assert red[0] > red[2]
    assert blue[2] > blue[0]


def test_a_page_without_maps_says_so(tmp_path):
    picture = np.zeros((4, 4, 3), np.uint8)
    nan = np.full((4, 4), np.nan, np.float32)
    along = Along(None, float("nan"), nan)
    path = Path("fur", picture, picture, {"m": along})
    page = MapPage("cat", {"m": "P(cat)"}, picture, ["m", "n"], ["a"], {("m", "a"): nan}, [path])
    ((name, figure),) = draw_maps(iter([page]))
    inside(drawn(figure, tmp_path))
    assert name == "cat"
    assert "none" in words(figure)


def test_what_is_said_of_paths_is_true_of_every_row(data):
    flips = data.flips
    assert "changes on 617 of 1234 paths; " in words(draw_flips(flips))
    fewer = flips["predictor"] == flips["predictor"].iloc[-1]
    flips.loc[fewer, ["n", "flips", "majority"]] = [20, 9, 0.55]
    said = " ".join(words(draw_flips(flips)).split())
    for part in ("9 to 617 of 20 to 1234 paths", "differ from row to row", "0.50 to 0.55"):
        assert part in said.replace(" | ", " ")


def test_along_a_property_models_share_a_unit(tmp_path):
    picture = np.full((4, 4, 3), 128, np.uint8)
    loud, quiet = np.ones((4, 4), np.float32), np.full((4, 4), 0.01, np.float32)
    along = {"m": Along(loud, 0.9, loud), "n": Along(quiet, 0.01, quiet)}
    page = MapPage("cat", {}, picture, ["m", "n"], [], {}, [Path("fur", picture, picture, along)])
    ((_, figure),) = draw_maps(iter([page]))
    inside(drawn(figure, tmp_path))
    assert "along a property models share one" in " ".join(words(figure).split())
    shown = np.asarray(figure.axes[0].images[0].get_array())
    red = (shown[..., 0] > 80) & (shown[..., 1] < 40)
    # Two squares of the model that moves are red, and none of the other's.
    assert 0.9 * 2 * SIDE**2 < red.sum() <= 2 * SIDE**2


def test_a_property_has_one_colour_in_all_panels(data):
    figure = draw_ranking(data.ranking, {"p0": "fur"})
    of_path, in_truth, in_mass = (
        axes.get_legend().legend_handles[-1].get_color()
        for axes in figure.axes
        if axes.get_legend() is not None
    )
    assert of_path == in_truth == in_mass
