"""Running Snakemake for real, in a folder of its own."""

import copy
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.workflow.forks import FORKS

ROOT = Path(__file__).parents[2]
PATIENCE = 2000
"""Seconds after which a run hangs; on a busy machine one takes minutes."""

MINI = {
    "study": "mini",
    "seed": 3,
    "world": {"size": 32},
    "images": {"source": "renderer", "n_per_class": 2},
    "properties": {
        "fur": {"engine": "rendered", "latent": "fur_lightness", "steps": 8},
        "noise": {"engine": "rendered", "latent": "noise_angle", "steps": 6, "placebo": True},
    },
    "models": {
        "plain": {
            "trained_on": "unbiased",
            "arguments": {"dim": 8, "depth": 1, "kernel_size": 3, "patch_size": 4},
        },
        "biased": {
            "trained_on": "dark_cats",
            "arguments": {"dim": 8, "depth": 1, "kernel_size": 3, "patch_size": 4},
            "preprocessing": {"size": 24},
        },
    },
    "training": {"images": 256, "test_images": 64, "epochs": 2},
    "inference": {"batch_size": 16, "device": "cpu"},
    "scoring": {"output": "dog", "permutations": 99},
    "figures": {"dpi": 60},
}


@dataclass
class Run:
    """A finished Snakemake call."""

    code: int
    text: str

    def jobs(self):
        """Rule → number of jobs, from a dry run."""
        table = self.text.split("Job stats:")[-1].split("\n\n")[0].splitlines()[3:]
        return {line.split()[0]: int(line.split()[1]) for line in table if line.strip()}


class Workspace:
    """A folder in which studies are run."""

    def __init__(self, folder):
        self.folder = folder

    def command(self, config, *arguments):
        path = self.folder / "study.yaml"
        if isinstance(config, dict):
            path.write_text(yaml.safe_dump(config, sort_keys=False))
        elif config is not None:
            path = config
        return [
            *(sys.executable, "-m", "snakemake"),
            *("--snakefile", str(ROOT / "Snakefile"), "--directory", str(self.folder)),
            *("--cores", "2"),
            # Targets go first: --configfile takes every word that follows it.
            *arguments,
            *(("--configfile", str(path)) if config is not None else ()),
        ]

    def run(self, config, *arguments, timeout=PATIENCE, before=None):
        """Run Snakemake to its end; with `before`, which is called first, from a fresh Python."""
        command = self.command(config, *arguments)
        if before is None:
            with tempfile.NamedTemporaryFile("r", errors="replace") as text:
                # All but `python -m snakemake`.
                return Run(FORKS.run(command[3:], self.folder, text.name, timeout), text.read())
        done = subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            preexec_fn=before,
        )
        return Run(done.returncode, done.stdout + done.stderr)

    def details(self):
        """Return Snakemake's own log of the newest run."""
        logs = (self.folder / ".snakemake/log").glob("*.snakemake.log")
        return max(logs, key=lambda file: file.name).read_text()

    def copy_to(self, other):
        """Copy all that lies here, times included, into another workspace; return that one."""
        subprocess.run(["cp", "-a", f"{self.folder}/.", str(other.folder)], check=True)
        return other

    def results(self, study="mini"):
        return self.folder / "results" / study


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def mini():
    return copy.deepcopy(MINI)


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Let one test process fill a folder for all: `once(name, fill)` is the filled workspace."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each worker has a folder in the one of the whole run

    def once(name, fill):
        workspace = Workspace(base / name)
        done = base / f"{name}.done"
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(workspace.folder, ignore_errors=True)  # it failed elsewhere
                workspace.folder.mkdir()
                fill(workspace)
                done.touch()
        return workspace

    return once


@pytest.fixture(scope="session")
def finished(once):
    """A workspace in which the mini study has run; tests must leave it as it is."""

    def fill(workspace):
        run = workspace.run(copy.deepcopy(MINI))
        assert run.code == 0, run.text

    return once("finished", fill)


@pytest.fixture
def finished_copy(finished, workspace):
    """A copy of the finished mini study, to go on from; Snakemake finds nothing to do in it."""
    return finished.copy_to(workspace)
