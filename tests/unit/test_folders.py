"""What lies in folders."""

from pathlib import Path

import pytest

from zollstock.errors import ZollstockError
from zollstock.folders import files_below, files_in_classes, stem
from zollstock.plan.files import files_in_folder


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def touch(*names):
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def test_hidden_files_are_left_out_and_links_are_followed():
    touch("photos/cat/1.png", "photos/cat/.old/2.png", "photos/.DS_Store", "photos/Thumbs.db")
    touch("disk/up/deep/3.png", "one.png")
    Path("photos/up").symlink_to("../disk/up")
    Path("photos/one.png").symlink_to("../one.png")
    expected = ["photos/cat/1.png", "photos/one.png", "photos/up/deep/3.png"]
    assert files_below("photos") == expected
    assert files_below("none") == []


def test_links_in_circles_end_and_real_names_come_first():
    touch("a/b/1.png", "a/c/2.png")
    for number, target in enumerate(["..", ".", "../c", "../../a", "itself"]):
        Path(f"a/b/0{number}").symlink_to(target)
    Path("a/b/itself").symlink_to("itself")
    Path("a/c/0").symlink_to("../b")
    assert files_below("a") == ["a/b/1.png", "a/c/2.png"]
    # What lies above is not below, whatever a link says.
    assert files_below("a/b") == ["a/b/02/2.png", "a/b/1.png"]


def test_many_folders_that_link_to_each_other_are_listed_once():
    names = [f"{number:02}" for number in range(25)]
    touch(*(f"all/{name}/x.png" for name in names))
    for one in names:
        for other in names:
            Path(f"all/{one}/to{other}").symlink_to(f"../{other}")
    assert len(files_below("all")) == 25


def test_each_class_is_searched_by_itself():
    """Two links to one folder are two classes, and what both hold counts twice."""
    touch("disk/up/1.png", "disk/shared/2.png", "photos/beside.png")
    for place, target in {"a": "../disk/up", "b": "../disk/up", "c.png": "../disk/gone"}.items():
        Path(f"photos/{place}").symlink_to(target)
    Path("disk/up/more").symlink_to("../shared")
    files = [f"photos/{label}/{name}" for label in "ab" for name in ("1.png", "more/2.png")]
    assert [file for _, file in files_in_classes("photos")] == files
    assert files_in_folder(Path("photos")) == sorted([*files, "photos/beside.png"])
    Path("photos/b").unlink()
    assert len(files_in_folder(Path("photos"))) == 3
    assert files_in_folder(Path("gone")) == []


@pytest.mark.parametrize("target", ["../disk/up", "down"])
def test_a_class_whose_disk_is_not_there_is_named(target):
    touch("photos/up/1.png")
    Path("photos/down").symlink_to(target)
    with pytest.raises(ZollstockError, match=r"photos/down: is a link to .*which is not there"):
        files_in_classes("photos")
    assert files_in_folder(Path("photos")) == []
    # One picture is that file's affair.
    Path("photos/down").rename("photos/up/2.png")
    lost = []
    assert files_below("photos", lost=lost) == ["photos/up/1.png"]
    assert lost == ["photos/up/2.png"]
    assert files_below("photos") == ["photos/up/1.png"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.JPEG", "a"),
        ("0.25.png", "0.25"),
        ("0.25", "0.25"),
        ("a.tar.gz", "a.tar"),
        (".5.png", ".5"),
        ("a", "a"),
        ("1e-3.jp2", "1e-3"),
    ],
)
def test_an_ending_begins_with_a_letter(name, expected):
    assert stem(name) == expected
