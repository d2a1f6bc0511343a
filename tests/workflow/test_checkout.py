"""The checkout that is run is the one whose code runs, whatever else is installed."""

import copy
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.workflow.conftest import MINI, ROOT, Workspace

pytestmark = pytest.mark.workflow

TARGET = "results/mini/images/images.csv"
OTHER = 'raise SystemExit("this is not the checkout")\n'


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """A Python with all packages of this one, and a folder of its own to install into."""
    folder = tmp_path_factory.mktemp("python")
    create = [sys.executable, "-m", "venv", "--without-pip", folder]
    subprocess.run(create, check=True)
    site = sysconfig.get_path("purelib", vars={"base": str(folder)})
    (Path(site) / "packages.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "bin/python", Path(site)


def plant(folder, package="zollstock"):
    """Write a package that ends whatever imports it."""
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").write_text(OTHER)
    return folder


def run(python, folder, *arguments, cwd=None, **environ):
    command = Workspace(folder).command(copy.deepcopy(MINI), TARGET, *arguments)
    return subprocess.run(
        [str(python), *command[1:]],
        cwd=cwd or folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
    )


def ours(done):
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def installed(python):
    """Let a test put files beside the packages of that Python."""
    python, site = python
    before = set(site.iterdir())
    yield python, site
    for place in set(site.iterdir()) - before:
        subprocess.run(["rm", "-r", place], check=True)


EDITABLE = """\
import sys
from importlib.util import spec_from_file_location
class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name == "zollstock":
            return spec_from_file_location(name, {file!r})
sys.meta_path.append(Finder)
"""


@pytest.mark.parametrize("how", ["installed", "pth", "editable"])
def test_an_installed_one_is_not_run(installed, tmp_path, how):
    python, site = installed
    if how == "installed":
        plant(site)
    elif how == "pth":
        (site / "other.pth").write_text(f"{plant(tmp_path / 'other')}\n")
    else:  # as pip installs a project that is edited
        file = plant(tmp_path / "other") / "zollstock/__init__.py"
        (site / "editable_finder.py").write_text(EDITABLE.format(file=str(file)))
        (site / "other.pth").write_text("import editable_finder\n")
    ours(run(python, tmp_path))


@pytest.mark.parametrize("safe", ["", "1"])
@pytest.mark.parametrize("entry", ["{}/other", "other", ":other:"])
def test_one_on_the_path_is_not_run(python, tmp_path, entry, safe):
    place = plant(tmp_path / "other")
    searched = entry.format(place.parent)
    ours(run(python[0], tmp_path, PYTHONPATH=searched, PYTHONSAFEPATH=safe))


def test_one_in_the_folder_of_the_call_is_not_run(python, tmp_path):
    """`python -m snakemake` looks there first, for a package `workflow` too."""
    for package in ("zollstock", "workflow"):
        plant(tmp_path / "call", package)
    (tmp_path / "results").mkdir()
    ours(run(python[0], tmp_path / "results", cwd=tmp_path / "call"))


def test_a_package_called_workflow_is_not_looked_for(python, tmp_path):
    plant(tmp_path, "workflow")
    ours(run(python[0], tmp_path, PYTHONPATH=str(plant(tmp_path / "other", "workflow"))))


@pytest.mark.parametrize("how", ["before all", "at once"])
def test_one_that_cannot_be_passed_by_is_refused_in_a_line(installed, tmp_path, how):
    python, site = installed
    place = tmp_path / "other"
    if how == "before all":
        plant(place)
        (site / "other.pth").write_text(f"import sys; sys.path.insert(0, {str(place)!r})\n")
    else:
        (place / "zollstock").mkdir(parents=True)
        (place / "zollstock/__init__.py").touch()
        code = f"import sys; sys.path.append({str(place)!r}); import zollstock"
        (site / "other.pth").write_text(f"{code}\n")
    done = run(python, tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    line = next(line for line in done.stderr.splitlines() if line.startswith("zollstock: "))
    assert f"{place}/zollstock/__init__.py: is " in line
    assert f"instead of {ROOT / 'zollstock'}" in line


def test_jobs_whose_environment_hides_the_path_run_the_checkout(installed, tmp_path):
    """With --sdm conda Snakemake removes PYTHONPATH; this environment has no Python of its own."""
    python, site = installed
    plant(site)
    binaries = tmp_path / "conda/bin"
    binaries.mkdir(parents=True)
    (binaries / "activate").write_text("export CONDA_PREFIX=$1\n")
    (binaries / "conda").write_text(
        f"#!/bin/sh\nexec {sys.executable} {ROOT}/tests/conda/standin.py {tmp_path} {tmp_path} $@\n"
    )
    (binaries / "conda").chmod(0o755)
    environ = {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    listed = run(python, tmp_path, "--sdm", "conda", "--list-conda-envs", **environ)
    for line in listed.stdout.splitlines():
        if line.startswith("/") or "envs/" in line:
            place = tmp_path / line.split("\t")[-1]
            place.mkdir(parents=True, exist_ok=True)
            place.with_name(f"{place.name}.env_setup_done").touch()
    ours(run(python, tmp_path, "--sdm", "conda", **environ))


@pytest.mark.parametrize("module", ["plan.clean", "provenance"])
def test_commands_run_from_any_folder(installed, tmp_path, module):
    python, site = installed
    plant(site)
    done = subprocess.run(
        [python, "-m", f"zollstock.{module}", "--help"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "usage: " in done.stdout + done.stderr
    assert "not the checkout" not in done.stderr
