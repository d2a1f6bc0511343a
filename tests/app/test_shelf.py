"""Studies by name, and which rows are kept."""

import shutil

import pandas as pd
import pytest

from zollstock.app.comparing import compared, compared_models
from zollstock.app.shelf import ANY, NONE, Shelf, flags_of, kept
from zollstock.app.walks import seen_share, stored_walk
from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry

HEADLINE = pd.DataFrame(
    {
        "property": ["fur", "fur", "noise", "noise"],
        "model": ["one", "two", "one", "two"],
        "q_bh": [0.01, 0.2, float("nan"), 0.05],
    }
)
TESTS = pd.DataFrame(
    {
        "property": ["fur", "fur", "fur", "noise"],
        "model": ["one", "one", "two", "two"],
        "image": ["a", "b", "a", "a"],
        "flags": ["", "weak;reverses", None, "weak"],
    }
)


@pytest.mark.parametrize(
    ("asked", "pairs", "images"),
    [
        ({}, ["fur one", "fur two", "noise one", "noise two"], 4),
        ({"prop": "fur"}, ["fur one", "fur two"], 3),
        ({"model": "two"}, ["fur two", "noise two"], 2),
        ({"q": 0.05}, ["fur one", "noise two"], 3),
        ({"flag": "weak"}, ["fur one", "noise two"], 2),
        ({"flag": NONE}, ["fur one", "fur two"], 2),
        ({"flag": "weak", "prop": "fur"}, ["fur one"], 1),
        ({"prop": "fur", "q": 0.001}, [], 0),
    ],
)
def test_rows_that_were_asked_for_are_kept(asked, pairs, images):
    left, tests = kept(HEADLINE, TESTS, **asked)
    assert list(left["property"] + " " + left["model"]) == pairs
    assert len(tests) == images


def test_flags_that_occur_are_offered():
    assert flags_of(TESTS) == ["reverses", "weak"]
    assert ANY not in flags_of(TESTS)


def test_studies_of_one_name_are_told_apart(folder, tmp_path):
    other = shutil.copytree(folder / "results/mine", tmp_path / "copy")
    shelf = Shelf([folder / "results/mine", other])
    assert list(shelf.places) == ["mine", "mine (2)"]
    assert shelf.open("mine (2)").folder.root == other


def test_a_name_that_is_no_study_is_no_path(folder, shelf):
    with pytest.raises(ZollstockError, match="not on the page"):
        shelf.open(str(folder / "results/mine"))


def test_a_study_that_is_run_again_is_read_again(folder, tmp_path):
    place = shutil.copytree(folder / "results/mine", tmp_path / "again")
    shelf = Shelf([place])
    before = shelf.open("mine")
    assert shelf.open("mine") is before
    summary = place / "scores/summary.csv"
    summary.write_text(summary.read_text().replace("one", "uno"))
    assert "uno" in set(shelf.open("mine").headline["model"])


def test_an_unfinished_study_has_paths_all_the_same(folder, tmp_path):
    place = shutil.copytree(folder / "results/mine", tmp_path / "part")
    shutil.rmtree(place / "scores")
    book = Shelf([place]).open("mine")
    assert not book.finished
    assert compared_models(Shelf([place])) == []
    assert len(stored_walk(book, "fur", book.images[0]).curves) == 2


def test_a_harmed_path_is_told(folder, tmp_path):
    place = shutil.copytree(folder / "results/mine", tmp_path / "harmed")
    store = place / "interventions" / Shelf([place]).open("mine").folder.manifest("fur")["store"]
    chunk = next((store / "frames").glob("c.*"))
    chunk.write_bytes(b"harm")
    book = Shelf([place]).open("mine")
    broken = int(chunk.name.split(".")[1])
    with pytest.raises(ZollstockError, match="differs from what was written"):
        stored_walk(book, "fur", book.images[broken])


def test_a_walk_has_what_the_study_has(shelf):
    book = shelf.open("mine")
    image = book.images[0]
    walk = stored_walk(book, "fur", image)
    curves = book.study.curves("fur", image)
    assert [one.model for one in walk.curves] == ["one", "two"]
    for one in walk.curves:
        assert one.values == pytest.approx(curves[one.model].to_numpy())
        assert len(one.said) == len(walk.axis) == 9
        assert "p = " in one.note or "no test" in one.note
        found = book.study.predicted("fur", one.model)
        row = found.images.index(image)
        assert one.said[3] == found.classes[found.probabilities[row, 3].argmax()]


def test_models_are_compared_property_by_property(shelf):
    table = book = shelf.open("mine").headline.set_index(["property", "model"])["score"]
    text = compared(shelf, "mine: one", "mine: two")
    assert text.count('<td class="name">') == 2
    less = table["fur", "two"] - book["fur", "one"]
    assert f"{abs(less):#.2g}"[:4] in text


@pytest.mark.parametrize(
    ("geometry", "size", "share"),
    [
        (Geometry((32, 32)), (60, 90), (1.0, 1.0)),
        (Geometry((32, 32), fit="crop"), (60, 90), (60 / 90, 1.0)),
        (Geometry((32, 32), fit="crop", resize_to=64), (60, 90), (1 / 3, 0.5)),
        (Geometry((32, 32), fit="pad"), (60, 90), (1.0, 90 / 60)),
    ],
)
def test_maps_lie_where_the_model_looks(geometry, size, share):
    assert seen_share(geometry, size) == pytest.approx(share)
