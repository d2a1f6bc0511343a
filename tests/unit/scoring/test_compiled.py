import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from zollstock.scoring import compiled as module
from zollstock.scoring import information, kernels
from zollstock.scoring.information import mi_null
from zollstock.scoring.jitter import corrected_gradient, replicated_gradient
from zollstock.scoring.permutations import permutations

RNG = np.random.default_rng(8)
ROOT = Path(module.__file__).parents[2]


JITTERY = np.linspace(0, 1, 40) + 0.1 * RNG.standard_normal((60, 40))
KINDS = {
    "noise": RNG.random(30),
    "ties": RNG.integers(0, 3, 30) / 4,
    "jump": 1.0 * (np.arange(30) > 11),
    "tiny": 0.5 + 1e-12 * RNG.random(30),
}
WORK = {
    **{kind: lambda p=p: mi_null(p, permutations(30, 300), 5) for kind, p in KINDS.items()},
    "turns": lambda: corrected_gradient(JITTERY),
    "replicates": lambda: replicated_gradient(JITTERY.reshape(20, 3, 40)),
}


@pytest.mark.parametrize("work", WORK)
def test_compiled_or_not_every_bit_is_the_same(work, monkeypatch):
    monkeypatch.setattr(module, "COMPILING", np.inf)
    monkeypatch.setattr(module, "LOADING", np.inf)
    monkeypatch.setattr(module, "compiled", lambda: pytest.fail("compiled"))
    plain = WORK[work]()
    monkeypatch.undo()
    monkeypatch.setattr(module, "COMPILING", -1.0)
    monkeypatch.setattr(module, "LOADING", -1.0)
    np.testing.assert_array_equal(WORK[work](), plain)


def test_the_loop_is_the_same_as_the_arrays(rng):
    # As it stands in the file, interpreted: what numba compiles is what is read.
    p, out = rng.random(12), np.empty(9)
    noise, y = 1e-10 * rng.standard_normal(12), np.linspace(0, 1, 12)
    psi, table = rng.random(13), permutations(12, 9)
    kernels.mi_orders(p, noise, y, 5, psi, table, out)
    np.testing.assert_array_equal(information._orders(p[table] + noise, y, 5, psi), out)


def test_little_work_loads_no_numba():
    code = """
import sys, numpy as np
from zollstock.scoring.jitter import corrected_gradient
from zollstock.scoring.shuffle import shuffle_test
p = np.random.default_rng(0).random((20, 17))
for name in ("epgm", "paper_grad", "corr", "mi"):
    shuffle_test(p, name)
corrected_gradient(p)
print("numba" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "False", done.stderr


def test_work_is_added_up_until_it_is_worth_compiling(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_spent", 0.0)
    monkeypatch.setattr(module, "stored_at", lambda: tmp_path)
    seconds = module.COMPILING
    assert not module.worth_compiling(0.6 * seconds)
    assert module.worth_compiling(0.6 * seconds) and not module.worth_compiling(0.1 * seconds)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "kernels.ksg-1.py311.nbi").touch()
    assert module.worth_compiling(0.1 * seconds)  # less is enough where they lie compiled


def test_without_numba_nothing_is_compiled(monkeypatch):
    monkeypatch.setattr(module, "installed", lambda: False)
    monkeypatch.setattr(module, "stored_at", lambda: pytest.fail("asks for numba's version"))
    assert not module.worth_compiling(1e9)


def test_the_folder_of_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert module.cache_folder() == tmp_path / "zollstock"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/of/one")
    assert module.cache_folder() == Path("/home/of/one/.cache/zollstock")


def test_another_source_or_version_has_another_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = {module.stored_at.__wrapped__()}
    monkeypatch.setattr("importlib.metadata.version", lambda name: "99")
    found.add(module.stored_at.__wrapped__())
    other = tmp_path / "kernels.py"
    other.write_bytes(Path(kernels.__file__).read_bytes() + b"\n")
    monkeypatch.setattr(kernels, "__file__", str(other))
    found.add(module.stored_at.__wrapped__())
    assert len(found) == 3


def test_a_copy_is_made_once_and_mended(tmp_path):
    first = module._copy(tmp_path / "a")
    assert first.read_bytes() == Path(kernels.__file__).read_bytes()
    before = first.stat()
    assert module._copy(tmp_path / "a").stat().st_ino == before.st_ino
    first.write_text("something else")
    assert module._copy(tmp_path / "a").read_bytes() == Path(kernels.__file__).read_bytes()
    assert first.stat().st_mtime == before.st_mtime == 0  # numba compares the date
    assert [path.name for path in sorted((tmp_path / "a").iterdir())] == [
        "__pycache__",
        "kernels.py",
    ]


COMPILE = """
import sys
from zollstock.scoring import compiled
kernels = compiled.compiled()
import numpy as np
at = np.empty(5, np.int64)
found = kernels.raw_turns(np.array([0.0, 1.0, 0.0]), at)
print(found, sum(kernels.raw_turns.stats.cache_hits.values()))
"""


def run(tmp_path, **environment):
    done = subprocess.run(
        [sys.executable, "-c", COMPILE],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        check=True,
    )
    return done.stdout.strip()


def test_the_second_process_compiles_nothing(tmp_path):
    cache = str(tmp_path / "cache")
    assert run(tmp_path, XDG_CACHE_HOME=cache) == "2 0"
    assert run(tmp_path, XDG_CACHE_HOME=cache) == "2 1"


def test_where_nothing_can_be_written_they_are_compiled_all_the_same(tmp_path):
    before = set(ROOT.rglob("*.nbi"))  # of an older checkout
    (tmp_path / "file").touch()
    assert run(tmp_path, XDG_CACHE_HOME=str(tmp_path / "file")) == "2 0"
    assert set(ROOT.rglob("*.nbi")) == before
