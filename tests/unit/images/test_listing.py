"""Listing files of a folder or a CSV."""

import os
import re
import unicodedata

import pytest

from zollstock.errors import ZollstockError
from zollstock.ids import safe_id
from zollstock.images.listing import UNLABELLED, Candidate, list_csv, list_folder, read_csv


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
        assert re.fullmatch(r"\w[\w.-]*", item.id)


def test_where_only_extensions_differ_they_are_kept(tmp_path):
    touch(tmp_path, "cat/a.png", "cat/a.jpg", "cat/b.png")
    assert [item.id for item in list_folder(tmp_path)] == ["cat-a.jpg", "cat-a.png", "cat-b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/b c.png", "a-b-c.png"),
        ("../x", "x"),
        ("-.a.-", "a"),
        ("猫", "猫"),
        ("Ka\u0308tzchen", "K\u00e4tzchen"),
        ("हिन्दी", "हिन्दी"),
        ("$x*[1] {2}'\n", "x-1-2-n"),
        ("caf\udce9", "caf-xe9"),
        ("!", ""),
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
    assert list_folder(images, labels) == [Candidate("a", "cat", images / "sub/a.png")]
    assert list_csv(labels) == [Candidate("a", "cat", lists / "sub/a.png")]


def test_pictures_in_a_flat_folder_have_no_label(tmp_path):
    touch(tmp_path, "a b.png", "猫.jpg", "Thumbs.db", ".hidden.png")
    (tmp_path / "empty").mkdir()
    assert as_dict(list_folder(tmp_path)) == {
        "a-b": (UNLABELLED, tmp_path / "a b.png"),
        "猫": (UNLABELLED, tmp_path / "猫.jpg"),
    }


def test_files_beside_class_folders_are_named(tmp_path, capsys):
    touch(tmp_path, "cat/a.png", "loose.png")
    assert len(list_folder(tmp_path)) == 1
    assert "e.g. loose.png" in capsys.readouterr().err


def test_links_are_followed_at_any_depth_and_end(tmp_path):
    touch(tmp_path, "disk/cats/a.png", "disk/more/b.png", "disk/dogs/c.png")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat").symlink_to("../disk/cats")
    (tmp_path / "photos/dog").symlink_to("../disk/dogs")
    (tmp_path / "disk/cats/more").symlink_to("../more")
    (tmp_path / "disk/more/back").symlink_to("../cats")
    (tmp_path / "disk/more/nowhere").symlink_to("nowhere")
    assert set(as_dict(list_folder(tmp_path / "photos"))) == {
        *("cat-a", "cat-more-b", "dog-c"),
        "cat-more-nowhere",  # so that it is said to be missing
    }


@pytest.mark.parametrize(
    ("paths", "ids", "names"),
    [
        (["photos/dog_002.jpg", "photos/cat.jpg"], ["dog_002", "cat"], ["dog_002", "cat"]),
        (["p/cats/1.jpg", "p/dogs/1.jpg"], ["cats-1", "dogs-1"], ["cats-1", "dogs-1"]),
        (["杯子.png", "blue mug.png"], ["杯子", "blue-mug"], ["杯子", "blue mug"]),
        (["0.25.png", "0.5"], ["0.25", "0.5"], ["0.25", "0.5"]),
    ],
)
def test_files_of_a_table_are_called_by_their_names(tmp_path, paths, ids, names):
    rows = "".join(f"{path},x\n" for path in paths)
    found = list_csv(table(tmp_path, f"path,label\n{rows}"))
    assert [item.id for item in found] == ids
    assert [item.name for item in found] == names


def test_names_that_differ_in_case_or_form_only_have_different_ids(tmp_path):
    paths = ["Cup.png", "cup.png", "\u00e9.png", "e\u0301.png", "x" * 240 + "1", "x" * 240 + "2"]
    rows = "".join(f"{path},x\n" for path in paths)
    ids = [item.id for item in list_csv(table(tmp_path, f"path,label\n{rows}"))]
    assert len({unicodedata.normalize("NFC", name).casefold() for name in ids}) == len(paths)
    assert max(len(name.encode()) for name in ids) < 120


def test_a_file_is_found_however_its_letters_are_composed(tmp_path):
    touch(tmp_path, "Ka\u0308t/e\u0301.png")
    (item,) = list_csv(table(tmp_path, "path,label\nK\u00e4t/\u00e9.png,x\n"))
    assert item.path.is_file()


@pytest.mark.parametrize(
    "text",
    [
        "path;label\r\na.png;cat, old\r\n",
        "sep=;\npath;label\na.png;cat, old\n",
        "\ufeff\npath \tlabel\na.png\tcat, old\n\n",
        'label|path\n"cat, old"|a.png\n',
    ],
)
def test_the_separator_of_a_table_is_found(tmp_path, text):
    assert list_csv(table(tmp_path, text)) == [Candidate("a", "cat, old", tmp_path / "a.png")]


@pytest.mark.parametrize("prepare", ["missing", "empty", "empty class"])
def test_folder_without_files_is_refused(tmp_path, prepare):
    folder = tmp_path / "images"
    if prepare != "missing":
        folder.mkdir()
    if prepare == "empty class":
        (folder / "cat").mkdir()
    expected = "is not a folder" if prepare == "missing" else "holds no files"
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


def test_csv_without_ids_names_each_path_once_and_tells_clashes_apart(tmp_path, capsys):
    labels = table(tmp_path, "path,label\na.png,cat\na.jpg,dog\na.png,dog\nb.png,cat\n")
    found = as_dict(list_csv(labels))
    assert found == {
        "a.png": ("cat", tmp_path / "a.png"),
        "a.jpg": ("dog", tmp_path / "a.jpg"),
        "b": ("cat", tmp_path / "b.png"),
    }
    said = "line 4: gives a.png the label 'dog', a row above 'cat', which counts"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "is missing"),
        ("", "cannot be read as CSV"),
        ("path,label\n", "has no rows"),
        ("path,label\n\n\n", "has no rows"),
        ("file;label\na;cat\n", "has no column 'path', only 'file', 'label'"),
        ("file,label\na,cat\n", "has no column 'path', only 'file', 'label'"),
        ('path,label\n"a,cat\n', "cannot be read as CSV"),
        ("path,label\na,cat\nb,cat,dog,cow\n", "cannot be read as CSV"),
        ("path,label\na,cat,dog\nb,cat,dog\n", "cannot be read as CSV"),
        ("path,label\nä,cat\n", "cannot be read as CSV"),
        ("path,label\na.png,cat\n\n,cat\n", r"labels\.csv, line 4: path is ''"),
        ("path,label,id\na,cat,x\nb,cat,x\n", "names the id 'x' twice"),
        ("path,label,id\na,cat,x\nb,cat,\n", r"line 3: has no id"),
    ],
)
def test_a_wrong_csv_is_named_with_its_fault(tmp_path, text, message):
    file = tmp_path / "labels.csv"
    if text is not None:
        table(tmp_path, text, "latin-1")
    with pytest.raises(ZollstockError, match=message) as raised:
        list_csv(file)
    assert raised.value.where.startswith(str(file))


def test_ids_that_would_be_written_alike_are_told_apart(tmp_path):
    found = list_csv(table(tmp_path, "path,label,id\na,cat,x y\nb,cat,x-y\nc,cat,猫\nd,cat,杯子\n"))
    assert len({item.id for item in found}) == 4
    assert [item.id for item in found][2:] == ["猫", "杯子"]
    assert [item.name for item in found] == ["x y", "x-y", "猫", "杯子"]


def test_a_folder_is_no_csv(tmp_path):
    with pytest.raises(ZollstockError, match="cannot be read as CSV"):
        read_csv(tmp_path, ["path"])


def test_index_of_a_csv_gives_the_line(tmp_path):
    rows = read_csv(table(tmp_path, "path\na\n\nb\n"), ["path"])
    assert list(rows.index + 2) == [2, 4]


def test_links_that_lead_nowhere_are_images_that_are_missing(tmp_path, capsys):
    for name in ("up/a.png", "up/b.png", "down/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "up/d.png").symlink_to("../gone/d.png")
    (tmp_path / "left.png").symlink_to("../gone/left.png")
    assert [found.path.name for found in list_folder(tmp_path) if found.label == "up"] == [
        *("a.png", "b.png", "d.png")
    ]
    assert "1 files lie beside the class folders and are no images of the study, e.g. left.png" in (
        capsys.readouterr().err
    )
    assert [found.path.name for found in list_folder(tmp_path / "up")] == [
        "a.png",
        "b.png",
        "d.png",
    ]
