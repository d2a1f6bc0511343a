"""Figures of the stage `repair`: maps and circuits before and after."""

import numpy as np
import pytest

from zollstock.figures.maps import Along, MapPage
from zollstock.figures.maps import Path as Walked
from zollstock.figures.repaired_circuits import draw_repaired_circuits
from zollstock.figures.repaired_maps import draw_repaired_maps, sheets_of

from .conftest import drawn, inside, words
from .extremes import Case, Drawn

PICTURE = np.full((8, 8, 3), 90, np.uint8)
NAMED = {"m": "before", "m.dfr.1": "dfr"}


def page(image, **more):
    strong, weak = np.eye(8, dtype=np.float32), np.eye(8, dtype=np.float32) / 10
    maps = {("m", "ig"): strong, ("m.dfr.1", "ig"): weak, ("m", "lime"): strong}
    found = {"m": Along(strong, 0.9, None), "m.dfr.1": Along(weak, 0.1, None)}
    path = Walked("fur lightness", PICTURE, PICTURE, found, "fur")
    told = {"paths": [path], "maps": maps} | more
    return MapPage(image, {}, PICTURE, list(NAMED), ["ig", "lime"], **told)


def test_a_sheet_holds_what_one_method_says_before_and_after():
    first, second, third = sheets_of("m", NAMED, [page("a"), page("b", paths=[])])
    assert [one.name for one in (first, second, third)] == ["m-ig", "m-lime", "m-along-fur"]
    assert list(first.rows) == ["a", "b"] and list(third.rows) == ["a"]
    assert list(first.rows["a"][1]) == ["before", "dfr"] and not first.shared
    assert first.rows["a"][1]["dfr"].max() == np.float32(0.1)
    # A method that says nothing of a model has no map of it.
    assert list(second.rows["a"][1]) == ["before"] and second.repairs == ["before", "dfr"]
    assert third.shared and "fur lightness" in third.title


def test_located_gradients_share_a_unit_and_other_maps_have_their_own(monkeypatch):
    from zollstock.figures import repaired_maps

    units = []
    original = repaired_maps.coloured

    def coloured(values, picture, largest=None):
        units.append(largest)
        return original(values, picture, largest)

    monkeypatch.setattr(repaired_maps, "coloured", coloured)
    sheets = list(sheets_of("m", NAMED, [page("a")]))
    assert len(list(draw_repaired_maps([sheets[0], sheets[2]]))) == 2
    assert units[:2] == [None, None] and units[2] == units[3] == pytest.approx(1.0)


def test_a_model_without_maps_has_no_sheet():
    empty = page("a", maps={}, paths=[])
    assert not list(draw_repaired_maps(sheets_of("m", NAMED, [empty])))
    assert not list(draw_repaired_maps(sheets_of("m", NAMED, [])))


def test_ten_methods_and_units_without_numbers(tmp_path):
    case = dict(images=4, models=1, properties=1, classes=2, title="fur", name="", flagged=False)
    data = Drawn(Case(**case, folder=tmp_path))
    one = data.circuits.iloc[:1]
    circuits = one.loc[one.index.repeat(10)].assign(
        method=[f"projection_trained_{n}" for n in range(10)]
    )
    (found,) = draw_repaired_circuits(data.repaired_units, circuits, {}, 0.05)
    inside(drawn(found[1], tmp_path))
    blank = data.repaired_units.assign(before=np.nan, after=np.nan)
    (found,) = draw_repaired_circuits(blank, one, {}, 0.05)
    inside(drawn(found[1], tmp_path))
    assert "moves .98 → .012" in words(found[1]).replace("0.", ".")
