"""The user's own modules are imported as their files are now."""

import importlib
import os
import sys

import pytest

from zollstock.models import own
from zollstock.models.own import import_own


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder that a run starts in; what is imported from it is forgotten again."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    # Another test may have let it in.
    hooks = [hook for hook in sys.path_hooks if hook is not own._finder]
    monkeypatch.setattr(sys, "path_hooks", hooks)
    sys.path_importer_cache.clear()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    before = set(sys.modules)
    yield folder
    forget(before)
    sys.path_importer_cache.clear()


def forget(before):
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize("name", ["zs_own", "zs_pack.part"])
def test_another_file_of_equal_time_and_size_is_read(here, name):
    file = here / f"{name.replace('.', '/')}.py"
    file.parent.mkdir(exist_ok=True)
    before = set(sys.modules)
    file.write_text("value = 1\n")
    times = file.stat()
    sys.path.insert(0, str(here))
    assert importlib.import_module(name).value == 1  # Python's own way keeps what it compiled
    assert list(here.rglob("*.pyc"))
    forget(before)
    file.write_text("value = 2\n")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert import_own(name).value == 2


def test_the_folder_of_the_run_comes_first(here, tmp_path):
    """Whatever PYTHONPATH names before it."""
    for folder, value in ((tmp_path / "other", 1), (here, 2)):
        folder.mkdir(exist_ok=True)
        (folder / "zs_twice.py").write_text(f"value = {value}\n")
        sys.path.append(str(folder))
    assert import_own("zs_twice").value == 2


def test_what_is_installed_and_the_library_keep_what_was_compiled(here):
    import_own("json.tool")
    for place in (os.__file__, pytest.__file__, import_own.__globals__["__file__"]):
        with pytest.raises(ImportError):
            sys.path_hooks[0](os.path.dirname(place))  # noqa: PTH120
