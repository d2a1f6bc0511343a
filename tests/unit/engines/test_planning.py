"""Where paths go: a store that is found by what makes them."""

from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest

from zollstock.engines.planning import plan_paths, raised_versions, store_name
from zollstock.errors import ZollstockError
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape
from zollstock.store import PathStore

SETTINGS = {"engine": "spy", "steps": 3}
SHAPE = PathShape(3, 4, 5)


class Engine:
    version = "1"

    def shape(self, images):
        return SHAPE

    def facts(self):
        return {}


@pytest.fixture
def images(tmp_path):
    return [ImageRecord(name, "cat", f"sha-{name}", "x", tmp_path / name) for name in "ab"]


@pytest.fixture
def plan(images, tmp_path):
    def plan(name="fur", names=("fur",), images=images, **changes):
        how = {"settings": SETTINGS, "draws": [0], "seed": 1} | changes
        settings, draws = how.pop("settings"), how.pop("draws")
        return plan_paths(
            Engine(), settings, images, draws, folder=tmp_path, name=name, names=names, **how
        )

    return plan


def test_a_name_hangs_on_settings_seed_and_shape():
    base = store_name("fur", SETTINGS, 1, SHAPE)
    assert base == store_name("fur", dict(reversed(SETTINGS.items())), 1, SHAPE)
    others = [
        store_name("fur", SETTINGS | {"steps": 4}, 1, SHAPE),
        store_name("fur", SETTINGS, 2, SHAPE),
        store_name("fur", SETTINGS, 1, PathShape(3, 4, 6)),
    ]
    assert len({base, *others}) == 4
    assert store_name("other", SETTINGS, 1, SHAPE).rpartition("-")[2] == base.rpartition("-")[2]


def test_a_store_of_other_settings_is_kept_beside(plan, tmp_path):
    one, two, again = plan(), plan(settings=SETTINGS | {"strength": 2}), plan()
    assert one == again and one["store"] != two["store"]
    assert {file.name for file in tmp_path.glob("*.zarr")} == {one["store"], two["store"]}


def test_paths_of_an_earlier_version_of_a_costly_engine_are_kept(plan, tmp_path, monkeypatch):
    one = plan()
    monkeypatch.setattr(Engine, "version", "2")
    two = plan()
    assert one["store"] != two["store"]
    monkeypatch.setattr(Engine, "version", "1")
    assert plan() == one
    assert len(list(tmp_path.glob("*.zarr"))) == 2


@pytest.mark.parametrize(
    ("engine", "versions"),
    [
        (SimpleNamespace(version="1"), []),
        (SimpleNamespace(version="0f3a9c"), []),
        (SimpleNamespace(version="0f3a9c", editor=SimpleNamespace(version="3")), ["3"]),
        (
            SimpleNamespace(
                version="0f+1+2",
                first=SimpleNamespace(version="0f"),
                second=SimpleNamespace(version="2"),
            ),
            ["2"],
        ),
    ],
)
def test_cheap_engines_make_their_paths_again_in_their_place(engine, versions):
    assert raised_versions(engine) == versions


def test_a_renamed_property_takes_its_store_over_but_none_of_another_property(plan, tmp_path):
    inode = (tmp_path / plan()["store"]).stat().st_ino
    both = plan("grain", names=("fur", "grain"))
    assert (tmp_path / both["store"]).stat().st_ino != inode
    (tmp_path / both["store"]).rename(tmp_path / "away")
    alone = plan("grain", names=("grain",))
    assert (tmp_path / alone["store"]).stat().st_ino == inode


def frames_of(folder, plan):
    return {file.name: file.stat().st_ino for file in (folder / plan["store"]).glob("frames/c.*")}


def made(folder, plan):
    """Write all paths of a plan; return the files of their frames."""
    store = PathStore(folder / plan["store"], writable=True)
    for row in plan["rows"].values():
        frames = np.full((*SHAPE, 3), row, np.uint8)
        store.write(row, EditPath(frames, np.arange(3.0), frames[0]), bytes(32))
    return frames_of(folder, plan)


@pytest.mark.parametrize("links", [True, False])
def test_properties_that_change_places_find_each_others_paths(plan, tmp_path, monkeypatch, links):
    other, names = SETTINGS | {"strength": 2}, ("fur", "grain")
    fur, grain = plan(names=names), plan("grain", names, settings=other)
    files = made(tmp_path, fur), made(tmp_path, grain)
    (tmp_path / fur["store"] / "frames" / "c.0.0.0.0.0.1f.partial").write_bytes(b"half")
    if not links:
        monkeypatch.setattr("os.link", Mock(side_effect=OSError))
    swapped = plan(names=names, settings=other), plan("grain", names)
    for before, after, kept in ((grain, swapped[0], files[1]), (fur, swapped[1], files[0])):
        assert after["store"] != before["store"]
        assert after["rows"] == before["rows"]
        found = frames_of(tmp_path, after)
        assert found.keys() == kept.keys() and (found == kept) == links
        assert all(PathStore(tmp_path / after["store"]).is_done(row, bytes(32)) for row in range(2))
    # What one of them writes again is not seen by the other.
    store = PathStore(tmp_path / swapped[1]["store"], writable=True)
    black = np.zeros((*SHAPE, 3), np.uint8)
    store.write(1, EditPath(black, np.arange(3.0), black[0]), bytes(range(32)))
    assert PathStore(tmp_path / fur["store"]).is_done(1, bytes(32))
    assert not list(tmp_path.glob(".linking-*"))


def test_paths_that_cannot_be_shared_are_made_again(plan, tmp_path, monkeypatch):
    made(tmp_path, plan())
    full = Mock(side_effect=OSError("the disk is full"))
    monkeypatch.setattr("zollstock.engines.planning._linked", full)
    alike = plan("grain", ("fur", "grain"))
    assert not PathStore(tmp_path / alike["store"]).is_done(0, bytes(32))


def test_another_picture_or_another_size_of_its_edit_gets_a_row_of_its_own(plan, images):
    first = plan()["rows"]
    changed = [replace(images[0], sha256="new"), images[1]]
    assert plan(images=changed)["rows"] == {"a": 2, "b": first["b"]}
    # Placebos have a store of their own, though all settings are equal.
    assert plan(variants={"a": 0.1, "b": 0.2})["rows"] == {"a": 0, "b": 1}
    assert plan(variants={"a": 0.1, "b": 0.3})["rows"] == {"a": 0, "b": 2}
    assert plan()["rows"] == first


def test_sets_of_placebos_of_equal_settings_do_not_take_each_others_store(plan):
    """They differ in the edits that they are as large as, which their names alone tell."""
    sets = ("placebos-one", "placebos-two")
    made = {name: plan(name, names=sets, variants={"a": 0.1, "b": 0.2}) for name in sets}
    others = ("placebos-three", "placebos-four")
    for name in others:
        plan(name, names=others, variants={"a": 0.1, "b": 0.1})
    for name in sets:
        again = plan(name, names=sets, variants={"a": 0.1, "b": 0.2})
        assert (again["store"], again["rows"]) == (made[name]["store"], made[name]["rows"])
        assert again["rows"] == {"a": 0, "b": 1}


def test_a_store_of_an_earlier_version_is_refused_in_a_line(plan, tmp_path):
    (tmp_path / "fur.zarr").mkdir()
    with pytest.raises(ZollstockError, match=r"fur\.zarr: is a store of an earlier") as raised:
        plan()
    assert "\n" not in str(raised.value)
