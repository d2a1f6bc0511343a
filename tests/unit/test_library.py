"""zollstock as a library: what scores, tests, tables and plots of your own arrays need."""

import re
import shutil
import subprocess
import sys
import time
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
# What a distribution is imported as, where that differs.
MODULES = {"scikit-image": "skimage", "scikit-learn": "sklearn", "pytest-xdist": "xdist"}

WORK = """
import sys
import matplotlib
matplotlib.use("agg")
import numpy as np
import zollstock
rng = np.random.default_rng(0)
p = 1 / (1 + np.exp(-np.linspace(-4, 4, 100))) + 0.01 * rng.standard_normal(100)
for name in ("grad", "epgm", "corr", "mi"):
    one = zollstock.Zollstock(name)
    assert one.shuffle_test(p).score == one.score(p)
assert zollstock.placebo_test(p, 0.1 * rng.random((19, 100))).p_value == 0.05
assert zollstock.mean_gradient(p) > 0
assert zollstock.prediction_flips(np.stack([p, 1 - p], axis=1))[0]
from zollstock.scoring.jitter import corrected_gradient
assert 0.9 < corrected_gradient(p) < 1.1
zollstock.plot_null(p), zollstock.plot_shuffles(p), zollstock.plot_series(p)
zollstock.plot_frames(np.zeros((9, 4, 4, 3), np.uint8))
"""

BLOCKED = """
import importlib.util, pkgutil, sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, *more):
        return None if name.split(".")[0] in {absent} else self.finder.find_spec(name, *more)
sys.meta_path = [Without(finder) for finder in sys.meta_path]
assert importlib.util.find_spec("zarr") is None
for room in ("scoring", "significance", "figures", "images", "worlds"):
    package = importlib.import_module(f"zollstock.{{room}}")
    for module in pkgutil.iter_modules(package.__path__, f"zollstock.{{room}}."):
        importlib.import_module(module.name)
"""


def named(requirement):
    return re.match(r"[\w.-]+", requirement).group()


def absent():
    """Modules of all that only an extra for users brings."""
    core = {named(line) for line in PROJECT["dependencies"]}
    lists = [lines for extra, lines in EXTRAS.items() if extra != "dev"]
    names = {named(line) for lines in lists for line in lines} - core - {"zollstock"}
    return {MODULES.get(name, name.replace("-", "_")) for name in names}


def run(code, python=sys.executable, **how):
    return subprocess.run([python, "-c", code], capture_output=True, text=True, **how)


def test_the_core_works_where_no_extra_is_installed():
    gone = absent()
    assert {"torch", "snakemake", "diffusers", "numba", "zarr", "pydantic"} <= gone
    done = run(BLOCKED.format(absent=gone) + WORK, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_what_is_heavy_is_not_imported():
    heavy = ["torch", "snakemake", "diffusers", "transformers", "numba", "zarr", "pydantic"]
    done = run(f"{WORK}\nprint([name for name in {heavy} if name in sys.modules])", cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_workflow_and_its_developers_have_all_extras():
    assert "zollstock[diffusion,fast]" in EXTRAS["workflow"]
    assert "zollstock[models]" in EXTRAS["diffusion"]
    assert "zollstock[workflow]" in EXTRAS["app"]
    assert "zollstock[app,docs]" in EXTRAS["dev"]
    assert EXTRAS["arrays"][0] in EXTRAS["dev"]


def test_a_first_score_and_test_take_less_than_a_second(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # nothing lies compiled
    code = """
import sys, time
import numpy as np
from zollstock import Zollstock
p = np.random.default_rng(0).random(100)
spent = time.process_time()
for name in ("grad", "epgm", "corr", "mi"):
    Zollstock(name).score(p), Zollstock(name).shuffle_test(p, num=1000)
print(time.process_time() - spent, "numba" in sys.modules)
"""
    seconds, compiled = run(code, cwd=ROOT).stdout.split()
    assert float(seconds) < 1 and compiled == "False"
    assert not list(tmp_path.rglob("*.nbi"))


@pytest.mark.slow
def test_an_installed_core(tmp_path):
    """Needs the network, or an index of packages that pip knows."""
    source = tmp_path / "source"
    shutil.copytree(ROOT / "zollstock", source / "zollstock")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", source], check=True)
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    ).stdout.lower()
    assert len(listed.split()) < 25 and "torch" not in listed and "snakemake" not in listed
    begun = time.monotonic()
    done = run(WORK, python=python, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun < 60
