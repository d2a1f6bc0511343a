"""Maps on disk: what is whole is found, and nothing else."""

import shutil

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.locate.kept import KeptMaps, find_maps

MAPS = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


@pytest.fixture
def kept(tmp_path):
    found = KeptMaps(tmp_path / "maps/one")
    found.write("ig", "cat", MAPS, ["picture", "last fur"], "mark", notes=[])
    return found


def chunk(kept):
    (file,) = (file for file in (kept.root / "ig/cat/c").rglob("*") if file.is_file())
    return file


def test_what_was_written_is_found(kept):
    maps, noted = kept.find("ig", "cat", "mark")
    np.testing.assert_array_equal(maps, MAPS)
    assert noted["at"] == ["picture", "last fur"]
    assert kept.find("ig", "cat", "another mark") is None
    assert kept.find("ig", "dog", "mark") is None


def test_harmed_and_lost_chunks_are_not_there(kept):
    file = chunk(kept)
    whole = file.read_bytes()
    file.write_bytes(whole[:-3] + b"xyz")
    assert kept.find("ig", "cat", "mark") is None
    file.unlink()
    assert kept.find("ig", "cat", "mark") is None


def put_in_place_of(kept, one, other):
    """Put the maps of another image, or of another method, in the place of some."""
    shutil.rmtree(kept.root / other)
    shutil.copytree(kept.root / one, kept.root / other)


def say_other_frames(kept):
    file = kept.root / "ig/cat/zarr.json"
    file.write_text(file.read_text().replace("last fur", "first fur"))


HARMS = {
    "a lost chunk": lambda kept: chunk(kept).unlink(),
    "a chunk that was cut off": lambda kept: chunk(kept).write_bytes(chunk(kept).read_bytes()[:9]),
    "a lost description": lambda kept: (kept.root / "ig/cat/zarr.json").unlink(),
    "another image's": lambda kept: put_in_place_of(kept, "ig/dog", "ig/cat"),
    "another method's": lambda kept: put_in_place_of(kept, "lime/cat", "ig/cat"),
    "another model's": lambda kept: put_in_place_of(kept, "../two/ig/cat", "ig/cat"),
    "other frames": say_other_frames,
}


@pytest.mark.parametrize("harm", HARMS)
def test_harmed_and_foreign_maps_are_named_where_they_are_read(kept, harm):
    kept.write("ig", "dog", MAPS + 1, ["picture", "last fur"], "mark", notes=[])
    two = KeptMaps(kept.root.with_name("two"))
    two.write("ig", "cat", MAPS + 3, ["picture", "last fur"], "mark", notes=[])
    kept.write("lime", "cat", MAPS + 2, ["picture", "last fur"], "mark", notes=[])
    assert find_maps(kept.root, "ig", "cat", noted=True) is not None
    HARMS[harm](kept)
    assert kept.find("ig", "cat", "mark") is None  # a job takes them again
    told = r"ig/cat: differs from what was written.*--forcerun locate_maps"
    with pytest.raises(ZollstockError, match=told):
        find_maps(kept.root, "ig", "cat")


def test_lost_maps_are_named_where_a_table_speaks_of_them(kept):
    shutil.rmtree(kept.root / "ig/cat")
    assert find_maps(kept.root, "ig", "cat") is None
    with pytest.raises(ZollstockError, match=r"ig/cat: is missing.*--forcerun trace_model"):
        find_maps(kept.root, "ig", "cat", rule="trace_model", noted=True)


def test_what_is_noted_comes_back_whatever_its_kind(kept):
    noted = {"rows": [{"value": np.nan, "n": (1, 2)}], "by": {2: "two", 10: "ten"}}
    kept.write("ig", "cow", MAPS, ["picture", "last"], "mark", **noted)
    assert kept.find("ig", "cow", "mark")[1]["by"] == {"2": "two", "10": "ten"}


def test_a_crash_in_the_middle_leaves_what_was_there(kept, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("zollstock.locate.kept._checksum", lambda *told: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            kept.write("ig", "cat", MAPS + 1, ["picture", "last fur"], "new")
    np.testing.assert_array_equal(kept.find("ig", "cat", "mark")[0], MAPS)
    kept.write("ig", "cat", MAPS + 1, ["picture", "last fur"], "new")
    np.testing.assert_array_equal(kept.find("ig", "cat", "new")[0], MAPS + 1)
    assert [place.name for place in (kept.root / "ig").iterdir()] == ["cat"]


def test_maps_of_nan_and_no_maps_are_kept(kept):
    kept.write("ig", "nan", np.full((1, 2, 2), np.nan, np.float32), ["picture"], "mark")
    assert np.isnan(kept.find("ig", "nan", "mark")[0]).all()
    kept.write("ig", "none", np.empty((0, 2, 2), np.float32), [], "mark")
    assert kept.find("ig", "none", "mark")[0].shape == (0, 2, 2)


def test_a_map_a_frame(kept):
    with pytest.raises(ZollstockError, match="2 maps for 1 frames"):
        kept.write("ig", "dog", MAPS, ["picture"], "mark")
