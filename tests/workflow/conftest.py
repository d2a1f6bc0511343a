"""Running Snakemake for real, in a folder of its own."""

import copy
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]

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

    def run(self, config, *arguments, timeout=300, before=None):
        done = subprocess.run(
            self.command(config, *arguments),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            preexec_fn=before,
        )
        return Run(done.returncode, done.stdout + done.stderr)

    def results(self, study="mini"):
        return self.folder / "results" / study


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def mini():
    return copy.deepcopy(MINI)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A workspace in which the mini study has run; tests must leave it as it is."""
    workspace = Workspace(tmp_path_factory.mktemp("mini"))
    run = workspace.run(copy.deepcopy(MINI))
    assert run.code == 0, run.text
    workspace.first = run
    return workspace
