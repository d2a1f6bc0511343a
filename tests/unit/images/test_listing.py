"""Listing files of a folder or a CSV."""

import os
import re

import pytest

from zollstock.errors import ZollstockError
from zollstock.images.listing import Candidate, list_csv, list_folder, read_csv, safe_id


def touch(folder, *names):
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")


def table(folder, text, encoding="utf-8"):
    file = folder / "labels.csv"
    file.write_bytes(text.encode(encoding))
    return file


def as_dict(candidates):
    return {item.id: (item.label, item.path) for item in candidates}


def test_subfolders_are_classes_searched_to_any_depth_without_hidden_files(tmp_path):
    touch(
        tmp_path,
        "cat/a.png",
        "cat/deep/er/b.jpg",
        "dog/a.png",
        "dog/.hidden.png",
        "dog/.cache/c.png",
        ".git/x.png",
        "loose.png",
    )
    assert as_dict(list_folder(tmp_path)) == {
        "cat-a": ("cat", tmp_path / "cat/a.png"),
        "cat-deep-er-b": ("cat", tmp_path / "cat/deep/er/b.jpg"),
        "dog-a": ("dog", tmp_path / "dog/a.png"),
    }


@pytest.mark.parametrize(
    "names",
    [
        ["cat/a.png", "cat/a.jpg", "cat/b.png"],  # only the extension differs
        ["cat/a.png", "cat/a.jpg", "cat/a.png.gif"],  # the longer name clashes again
        ["cat/a b.png", "cat/a-b.png", "cat/a(b.png"],
        ["cat/a-b.png", "cat-a/b.png"],
        ["猫/a.png", "犬/a.png"],
        ["cat/猫.png", "cat/犬.png", "cat/!.png"],
    ],
)
def test_every_file_has_its_own_safe_id(tmp_path, names):
    touch(tmp_path, *names)
    found = list_folder(tmp_path)
    assert {item.path.relative_to(tmp_path).as_posix() for item in found} == set(names)
    assert len({item.id for item in found}) == len(names)
    for item in found:
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", item.id)


def test_where_only_extensions_differ_they_are_kept(tmp_path):
    touch(tmp_path, "cat/a.png", "cat/a.jpg", "cat/b.png")
    assert [item.id for item in list_folder(tmp_path)] == ["cat-a.jpg", "cat-a.png", "cat-b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/b c.png", "a-b-c.png"),
        ("../x", "x"),
        ("-.a.-", "a"),
        ("猫", "image"),
        ("a_B-9", "a_B-9"),
    ],
)
def test_safe_id(text, expected):
    assert safe_id(text) == expected


def test_folder_of_labels_starts_from_the_folder(tmp_path):
    images, lists = tmp_path / "images", tmp_path / "lists"
    lists.mkdir()
    images.mkdir()
    labels = table(lists, "path,label\nsub/a.png,cat\n")
    assert list_folder(images, labels) == [Candidate("sub-a", "cat", images / "sub/a.png")]
    assert list_csv(labels) == [Candidate("sub-a", "cat", lists / "sub/a.png")]


@pytest.mark.parametrize("prepare", ["missing", "empty", "loose files", "empty class"])
def test_folder_without_class_folders_is_refused(tmp_path, prepare):
    folder = tmp_path / "images"
    if prepare != "missing":
        folder.mkdir()
    if prepare == "loose files":
        touch(folder, "a.png")
    if prepare == "empty class":
        (folder / "cat").mkdir()
    expected = "is not a folder" if prepare == "missing" else "has no subfolder with files"
    with pytest.raises(ZollstockError, match=expected) as raised:
        list_folder(folder)
    assert raised.value.where == str(folder)


@pytest.mark.parametrize("forbidden", [".", "dog", "dog/deep"])
def test_a_folder_that_cannot_be_read_is_named_not_passed_over(tmp_path, monkeypatch, forbidden):
    touch(tmp_path, "cat/a.png", "dog/b.png", "dog/deep/c.png")
    closed = (tmp_path / forbidden).resolve()

    # The tests may run as root, whom permissions do not hold.
    def guard(function):
        def guarded(path="."):
            if os.path.realpath(path) == str(closed):
                raise PermissionError(13, "Permission denied", str(path))
            return function(path)

        return guarded

    monkeypatch.setattr(os, "scandir", guard(os.scandir))
    monkeypatch.setattr(os, "listdir", guard(os.listdir))
    with pytest.raises(ZollstockError, match="cannot be read") as raised:
        list_folder(tmp_path)
    assert str(closed) in str(raised.value)


def test_csv_with_ids_bom_spaces_blank_lines_and_unicode_labels(tmp_path):
    labels = table(
        tmp_path,
        '\ufeffpath, label, id\n\na.png, "Katze, 猫", one\n/abs/b.png, NA, no 2\n\n',
    )
    assert list_csv(labels) == [
        Candidate("one", "Katze, 猫", tmp_path / "a.png"),
        Candidate("no-2", "NA", tmp_path.joinpath("/abs/b.png")),
    ]


def test_csv_without_ids_names_each_path_once_and_tells_clashes_apart(tmp_path):
    labels = table(tmp_path, "path,label\na.png,cat\na.jpg,dog\na.png,dog\nb.png,cat\n")
    found = as_dict(list_csv(labels))
    assert found == {
        "a.png": ("cat", tmp_path / "a.png"),
        "a.jpg": ("dog", tmp_path / "a.jpg"),
        "b": ("cat", tmp_path / "b.png"),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "is missing"),
        ("", "cannot be read as CSV"),
        ("path,label\n", "has no rows"),
        ("path,label\n\n\n", "has no rows"),
        ("path;label\na;cat\n", "has no column 'path'"),
        ("path,class\na,cat\n", "has no column 'label'"),
        ('path,label\n"a,cat\n', "cannot be read as CSV"),
        ("path,label\na,cat\nb,cat,dog,cow\n", "cannot be read as CSV"),
        ("path,label\na,cat,dog\nb,cat,dog\n", "cannot be read as CSV"),
        ("path,label\nä,cat\n", "cannot be read as CSV"),
        ("path,label\na.png,cat\n\n,cat\n", r"labels\.csv, line 4: path is ''"),
        ("path,label,id\na,cat,x\nb,cat,x\n", "names the id 'x' twice"),
        ("path,label,id\na,cat,x y\nb,cat,x-y\n", "names the id 'x-y' twice"),
    ],
)
def test_a_wrong_csv_is_named_with_its_fault(tmp_path, text, message):
    file = tmp_path / "labels.csv"
    if text is not None:
        table(tmp_path, text, "latin-1")
    with pytest.raises(ZollstockError, match=message) as raised:
        list_csv(file)
    assert raised.value.where.startswith(str(file))


def test_a_folder_is_no_csv(tmp_path):
    with pytest.raises(ZollstockError, match="cannot be read as CSV"):
        read_csv(tmp_path, ["path"])


def test_index_of_a_csv_gives_the_line(tmp_path):
    rows = read_csv(table(tmp_path, "path\na\n\nb\n"), ["path"])
    assert list(rows.index + 2) == [2, 4]
