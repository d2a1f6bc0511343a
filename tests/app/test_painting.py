"""Corrections: a painted canvas becomes a map that a repair reads."""

import numpy as np
import pytest
from PIL import Image

from zollstock.app.painting import enlarged, map_of, names_in, places_to_paint, save_map, shrunk
from zollstock.errors import ZollstockError
from zollstock.repair.wanted import read_map


def test_what_is_not_painted_stays_as_it_was(shelf, folder, tmp_path):
    place = places_to_paint(shelf)["mine: one.difference.1"]
    assert names_in(place) == ["a", "b"]
    values = map_of(place, "a", tmp_path)
    canvas = enlarged(values)
    whole = np.dstack([canvas] * 3 + [np.full_like(canvas, 255)])
    assert np.array_equal(shrunk(whole, values.shape), values)
    side = canvas.shape[0] // 32
    whole[: 2 * side, : 2 * side, :3] = 255
    file = save_map(shrunk(whole, values.shape), tmp_path, "a")
    found = read_map(file, 32, 32)
    assert (found[:2, :2] == 1).all()
    assert np.array_equal(np.rint(255 * found[2:]), values[2:])
    assert np.array_equal(map_of(place, "a", tmp_path)[:2, :2], np.full((2, 2), 255))


def test_only_pictures_that_have_a_map_are_opened(shelf, tmp_path):
    place = places_to_paint(shelf)["mine: one.difference.1"]
    with pytest.raises(ZollstockError, match="has no map"):
        map_of(place, "../pictures/a", tmp_path)


def test_a_saved_map_takes_the_place_of_the_one_before(tmp_path):
    for grey in (10, 200):
        save_map(np.full((4, 4), grey, np.uint8), tmp_path, "x")
    assert np.asarray(Image.open(tmp_path / "x.png")).max() == 200
    assert [file.name for file in tmp_path.iterdir()] == ["x.png"]
