"""Which files belong to a module of the user's."""

import sys

import pytest

from zollstock.plan.imports import files_of_own, imported_modules


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "elsewhere")])
    return folder


def write(file, text="", encoding="utf-8"):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode(encoding))


@pytest.mark.parametrize(
    "content",
    [
        "# -*- coding: latin-1 -*-\n# caf\u00e9\nimport part\n".encode("latin-1"),
        "import part\n".encode("utf-8-sig"),
    ],
)
def test_a_module_may_be_of_any_encoding_that_python_reads(here, content):
    write(here / "part.py")
    (here / "own.py").write_bytes(content)
    assert files_of_own("own", here) == [here / "own.py", here / "part.py"]


@pytest.mark.parametrize(
    "content",
    [b"def build(:\n", b"x = 1\0\n", b"\xff\xfe#\0", b"# \xe9\n", b"from ......... import x"],
)
def test_what_python_cannot_read_is_left_to_the_job(here, content):
    (here / "own.py").write_bytes(content)
    assert files_of_own("own", here) == [here / "own.py"]


def test_a_module_that_lies_elsewhere_is_watched_too(here, tmp_path):
    write(tmp_path / "elsewhere/zs_net/__init__.py", "from zs_net.parts import build\n")
    write(tmp_path / "elsewhere/zs_net/parts.py")
    write(tmp_path / "elsewhere/zs_alone.py", "import zs_net.parts\n")
    found = files_of_own("zs_net", here)
    assert [file.name for file in found] == ["__init__.py", "parts.py"]
    assert len(files_of_own("zs_alone", here)) == 3
    for folder in (here, tmp_path / "elsewhere"):
        write(folder / "zs_both.py")
    assert files_of_own("zs_both", here) == [here / "zs_both.py"]


@pytest.mark.parametrize("module", ["json", "sys", "numpy", "torchvision.models", "zs_nowhere", ""])
def test_what_is_installed_belongs_to_the_machine(here, module):
    assert files_of_own(module, here) == []


def test_a_fault_of_the_library_is_none_of_the_users(tmp_path):
    write(tmp_path / "broken.py", "def x(:")
    with pytest.raises(SyntaxError):
        imported_modules(tmp_path / "broken.py")
