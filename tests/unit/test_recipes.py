"""Frames that are made again when they are read."""

import json

import numpy as np
import pytest

from zollstock import recipes
from zollstock.engines.pixels.operations import OPERATIONS, edited, recipe_of
from zollstock.errors import ZollstockError
from zollstock.generator.environments import needs
from zollstock.paths import EditPath, PathShape
from zollstock.plan.imports import ROOT, packages
from zollstock.store import PathStore, fingerprint, path_checksum, plan_store

SHAPE = PathShape(3, 24, 20)
MADE_FROM = fingerprint({"engine": "test"})


def photograph(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (24, 20, 3), dtype=np.uint8)


def made_path(seed=0, operation="noise", values=(0.0, 0.1, 0.2), picture=0):
    still, axis = photograph(picture), np.array(values)
    frames = edited(operation, still, axis, seed)
    return EditPath(frames, axis, still, recipe_of(operation, axis, seed))


@pytest.fixture
def root(tmp_path):
    return tmp_path / "noise.zarr"


@pytest.fixture
def filled(root):
    """A store of two images with two draws each, all with recipes."""
    plan_store(root, SHAPE, ["a", "b"], range(1, 3), recipes=True)
    store = PathStore(root, writable=True)
    for row in (0, 1):
        for draw in (1, 2):
            store.write(row, made_path(10 * row + draw, picture=row), MADE_FROM, draw)
    return store


def chunks(root, array):
    return sorted(file.name for file in (root / array).glob("c.*"))


def test_a_recipe_stands_in_place_of_frames_and_the_picture_is_there_once_a_row(filled, root):
    assert chunks(root, "frames") == []
    assert chunks(root, "unedited") == ["c.0.0.0.0.0", "c.1.0.0.0.0"]
    assert len(chunks(root, "recipe")) == 4
    for row in (0, 1):
        for draw in (1, 2):
            expected = made_path(10 * row + draw, picture=row)
            checksum = path_checksum(expected)
            assert filled.checksum(row, draw) == checksum
            found = PathStore(root).read_checked(row, "x", checksum.hex(), draw)
            np.testing.assert_array_equal(found.frames, expected.frames)
            assert filled.is_done(row, MADE_FROM, draw)


@pytest.mark.parametrize("array", ["recipe", "unedited"])
def test_a_harmed_recipe_or_picture_is_named_and_mended(filled, root, array):
    (root / array / chunks(root, array)[0]).write_bytes(b"harmed")
    with pytest.raises(ZollstockError, match=r"image cup.*made again when they are read"):
        PathStore(root).read_checked(0, "cup", filled.checksum(0, 1).hex(), 1)
    with pytest.warns(UserWarning, match="row 0 cannot be read"):
        assert not filled.is_done(0, MADE_FROM, 1)
    filled.write(0, made_path(1), MADE_FROM, 1)
    assert filled.is_done(0, MADE_FROM, 1) and filled.is_done(0, MADE_FROM, 2)


def test_another_number_in_a_recipe_is_noticed(filled, root):
    changed = json.loads(recipes.written(made_path(1).recipe)) | {"values": [0.0, 0.1, 0.21]}
    filled._recipes[0, 0] = json.dumps(changed)
    with pytest.raises(ZollstockError, match="differs from what was written"):
        PathStore(root).read_checked(0, "cup", filled.checksum(0, 1).hex(), 1)


def test_lost_recipes_are_no_frames_of_zeros(filled, root):
    (root / "recipe/zarr.json").unlink()
    with pytest.raises(ZollstockError, match="differs from what was written"):
        PathStore(root).read_checked(1, "mug", filled.checksum(1, 2).hex(), 2)
    plan_store(root, SHAPE, ["a", "b"], range(1, 3), recipes=True)
    assert PathStore(root).is_done(1, MADE_FROM, 2)


def test_a_store_of_frames_is_taken_over_and_its_frames_are_read(root):
    plan_store(root, SHAPE, ["a"], range(1, 3))
    store = PathStore(root, writable=True)
    for draw in (1, 2):
        store.write(0, made_path(draw), MADE_FROM, draw)
    assert len(chunks(root, "frames")) == 2  # without an array for it no recipe is kept
    plan_store(root, SHAPE, ["a"], range(1, 3), recipes=True)
    store = PathStore(root, writable=True)
    assert store.is_done(0, MADE_FROM, 1) and store.is_done(0, MADE_FROM, 2)
    store.write(0, made_path(5), MADE_FROM, 2)
    assert chunks(root, "frames") == ["c.0.0.0.0.0.0"]
    assert chunks(root, "unedited") == ["c.0.0.0.0.0"]
    assert store.is_done(0, MADE_FROM, 1) and store.is_done(0, MADE_FROM, 2)
    plain = made_path(6)
    store.write(0, EditPath(plain.frames, plain.axis, plain.unedited), MADE_FROM, 1)
    np.testing.assert_array_equal(PathStore(root).read(0, 1).frames, plain.frames)


def test_more_images_and_draws_keep_recipes(filled, root):
    plan_store(root, SHAPE, ["a", "b", "c"], range(1, 6), recipes=True)
    store = PathStore(root, writable=True)
    store.write(2, made_path(7, picture=2), MADE_FROM, 5)
    for row, draw in ((0, 1), (1, 2), (2, 5)):
        assert PathStore(root).is_done(row, MADE_FROM, draw)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_made_again_to_the_byte(name):
    knob = OPERATIONS[name]
    values = np.linspace(knob.begin(knob.stop), knob.stop, 4)
    options = {"towards": 30.0} if name in ("translate", "shear", "perspective") else {}
    frames = edited(name, photograph(), values, 5, **options)
    text = recipes.written(recipe_of(name, values, 5, **options))
    np.testing.assert_array_equal(recipes.made_again(text, photograph()), frames)


def test_a_maker_of_another_version_is_named():
    with pytest.raises(ZollstockError, match=r"is one for 'magic'.*edited, disturbed"):
        recipes.made_again('{"maker":"magic"}', photograph())


@pytest.mark.parametrize("environment", ["models", "interventions", "editors", "figures"])
def test_whoever_reads_frames_has_what_makers_import(environment):
    makers = list(recipes.MAKERS.values())
    assert packages(ROOT / "zollstock/recipes.py", *makers) <= needs(environment)
