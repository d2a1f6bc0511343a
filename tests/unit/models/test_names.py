"""Class names: lists, shipped ones, files; and what becomes of a name that is there twice."""

import json

import pytest

from zollstock.errors import ZollstockError
from zollstock.models.names import class_names, renamed, unique


def test_imagenet_has_a_thousand_names_of_which_none_is_there_twice_in_any_case():
    names = class_names("imagenet")
    assert len({name.lower() for name in names}) == len(names) == 1000
    assert [names[at] for at in (0, 134, 281, 517, 638, 639, 999)] == [
        "tench", "crane (bird)", "tabby", "crane (machine)", "maillot", "maillot (tank suit)",
        "toilet tissue",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("names.txt", "cat\n big dog \r\n\n"),
        ("names.json", json.dumps(["cat", "big dog"])),
        ("names.json", json.dumps({"1": "big dog", "0": "cat"})),
        ("names.json", json.dumps({"0": ["n01", "cat"], "1": ["n02", "big dog"]})),
        ("config.json", json.dumps({"id2label": {"0": "cat", "1": "big dog"}, "x": 1})),
    ],
)
def test_files_of_names(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert class_names(str(tmp_path / name)) == ["cat", "big dog"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"cat\n", "1 names"),
        ("a.txt", b"cat\n\ndog\n", "a name is empty"),
        ("a.txt", b"\xff\xfe\x00", "holds no class names"),
        ("a.json", b"{", "holds no class names"),
        ("a.json", b'{"0": "cat", "1": "dog", "1": "cow"}', "gives '1' twice"),
        ("a.json", b"[1, 2]", "neither a list of names nor index: name"),
        ("a.json", b'{"cat": 0, "dog": 1}', "holds no class names"),
        ("a.json", b'{"1": "cat", "2": "dog"}', "the indices are not 0, 1, 2"),
    ],
)
def test_a_file_without_names_is_said(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ZollstockError, match=message):
        class_names(str(tmp_path / name))


def test_a_missing_file_and_a_misspelt_list_are_said():
    with pytest.raises(ZollstockError, match=r"imagenett: is missing.*one of the lists imagenet"):
        class_names("imagenett")


def test_names_are_made_unique_and_what_changed_is_said():
    names = ["crane", "maillot", "crane", "crane", "crane (2)"]
    assert unique(names) == ["crane", "maillot", "crane (3)", "crane (4)", "crane (2)"]
    assert renamed(names) == [
        "class 2 is called 'crane (3)', since 'crane' is there twice",
        "class 3 is called 'crane (4)', since 'crane' is there twice",
    ]
    assert renamed(["a", "b"]) == []
