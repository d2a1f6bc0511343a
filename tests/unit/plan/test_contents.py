"""What files hold, and when they are read for it."""

import json
import os
import time

import pytest

from zollstock.plan import contents
from zollstock.plan.contents import KEPT, content_of


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    contents._known.cache_clear()
    yield tmp_path
    contents._known.cache_clear()


@pytest.fixture
def read(monkeypatch):
    """The files that are read, in turn."""
    found = []
    checksum = contents._checksum

    def seen(file):
        found.append(file)
        return checksum(file)

    monkeypatch.setattr(contents, "_checksum", seen)
    return found


@pytest.fixture
def settled(monkeypatch):
    """Let files of this moment be old enough to be kept."""
    monkeypatch.setattr(contents, "_GRAIN", -(10**12))


def later():
    """Another process."""
    contents._known.cache_clear()


def test_names_and_contents_count_and_times_do_not(folder):
    for name in ("one", "two"):
        (folder / name).write_text(name)
    before = content_of(["one", "two"])
    assert before.startswith("2 files: ")
    os.utime("one", (1e9, 1e9))
    assert content_of(["one", "two"]) == before
    assert content_of(["two", "one"]) != before
    assert content_of(["one"]) != before
    (folder / "one").write_text("two")
    assert content_of(["one", "two"]) != before


@pytest.mark.parametrize("how", ["rewritten", "moved over", "linked"])
def test_a_change_behind_an_equal_time_and_size_is_seen(folder, settled, how):
    file = folder / "one"
    file.write_text("old")
    times = file.stat()
    before = content_of(["one"])
    later()
    other = folder / "other"
    other.write_text("new")
    if how == "rewritten":
        file.write_text("new")
    elif how == "moved over":
        os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
        other.rename(file)
    else:
        file.unlink()
        file.symlink_to(other)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert content_of(["one"]) != before


def test_what_has_not_changed_is_not_read_again(folder, settled, read):
    for name in ("one", "two"):
        (folder / name).write_text(name)
    before = content_of(["one", "two"])
    later()
    assert content_of(["one", "two"]) == before
    (folder / "two").write_text("more")
    content_of(["one", "two"])
    assert read == ["one", "two", "two"]


def test_what_may_change_within_a_tick_of_the_clock_is_read_again(folder, read):
    (folder / "one").write_text("one")
    content_of(["one"])
    content_of(["one"])
    assert read == ["one", "one"]
    assert not KEPT.exists()
    old = time.time_ns() + 3 * 10**9

    class Later:
        time_ns = staticmethod(lambda: old)

    contents.time, kept = Later, contents.time
    try:
        content_of(["one"])
    finally:
        contents.time = kept
    content_of(["one"])
    assert read == ["one"] * 3


def test_what_is_no_file_has_a_place_too(folder):
    (folder / "folder").mkdir()
    assert content_of(["folder", "gone"]) != content_of(["folder"])
    (folder / "gone").write_text("")
    assert content_of(["folder", "gone"]) == content_of(["folder", "gone"])


@pytest.mark.parametrize("text", ["", "[]", "{", '{"one": 1}', '{"one": [[], 1, 2]}'])
def test_harmed_notes_are_made_again(folder, settled, text):
    (folder / "one").write_text("one")
    expected = content_of(["one"])
    KEPT.write_text(text)
    later()
    assert content_of(["one"]) == expected
    assert list(json.loads(KEPT.read_text())) == ["one"]


def test_a_folder_that_cannot_be_written_to_is_no_obstacle(folder, settled):
    (folder / ".snakemake").write_text("a file, where a folder belongs")
    (folder / "one").write_text("one")
    assert content_of(["one"])


def test_what_could_not_be_read_is_tried_again(folder, settled, monkeypatch):
    """A disk of the network that fails once leaves no mark on the file."""
    (folder / "one").write_text("one")
    with monkeypatch.context() as failing:
        failing.setattr(contents, "_checksum", lambda file: contents._UNREADABLE)
        before = content_of(["one"])
    later()
    after = content_of(["one"])
    assert after != before
    later()
    assert content_of(["one"]) == after


def test_names_may_be_any_bytes(folder, settled):
    name = os.fsdecode(b"\xff.png")
    (folder / name).write_text("one")
    before = content_of([name])
    later()
    assert content_of([name]) == before
