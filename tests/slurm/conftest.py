"""One cluster for all tests, and studies that run on it through profiles/slurm."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import yaml

from tests.slurm.cluster import Cluster, Unavailable, install, wait_until
from tests.workflow.conftest import (  # four of them are fixtures
    PATIENCE,
    ROOT,
    Run,
    Workspace,
    finished,  # noqa: F401
    finished_copy,  # noqa: F401
    once,  # noqa: F401
    workspace,  # noqa: F401
)

PROFILE = ROOT / "profiles" / "slurm"


def hold_lock(seconds=2 * PATIENCE):
    """Wait for other test processes; the file is locked until this one ends or closes it."""
    file = (Path(tempfile.gettempdir()) / "zollstock-slurm.lock").open("a")

    def locked():
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    wait_until(locked, seconds, "another process's cluster")
    return file


@pytest.fixture(scope="session")
def cluster():
    with hold_lock():
        try:
            install()
        except Unavailable as reason:
            pytest.skip(f"no Slurm here: {reason}")
        cluster = Cluster()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in cluster.env.items():
                patch.setenv(name, value)
            patch.setenv("OMP_NUM_THREADS", "1")
            try:
                cluster.start()
                yield cluster
            finally:
                cluster.stop()


class SlurmWorkspace(Workspace):
    """A folder in which studies, or a Snakefile of the test's own, run on the cluster.

    The profile is the project's, but jobs avoid a node that may lose its power, and Snakemake
    asks for their states a second after the last has ended, not ten.
    """

    def __init__(self, folder, avoid="cpu2"):
        super().__init__(folder)
        folder.mkdir(exist_ok=True)
        shutil.copytree(PROFILE, folder / "profile")
        file = folder / "profile" / "config.yaml"
        profile = yaml.safe_load(file.read_text())
        profile["slurm-init-seconds-before-status-checks"] = 1
        if avoid:
            profile["slurm-exclude-failed-nodes"] = avoid
        file.write_text(yaml.safe_dump(profile))

    def command(self, config, *arguments):
        return super().command(config, *arguments, "--workflow-profile", self.folder / "profile")

    def start(self, config, *arguments, **variables):
        """Start Snakemake; `Started.wait` gives the result."""
        return Started(self.command(config, *arguments), self.folder, variables)

    def start_snakefile(self, text):
        """Start a Snakefile of the test's own."""
        (self.folder / "Snakefile").write_text(text)
        command = [sys.executable, "-m", "snakemake", "--workflow-profile", "profile"]
        return Started(command, self.folder, {})


class Started:
    """A Snakemake that runs."""

    def __init__(self, command, folder, variables):
        self.output = folder / "snakemake.out"
        self.begun = time.monotonic()
        # Jobs that are killed leave their temporary files.
        (folder / "tmp").mkdir(exist_ok=True)
        variables = {"TMPDIR": str(folder / "tmp"), **variables}
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                list(map(str, command)),
                cwd=folder,
                env={**os.environ, **variables},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def text(self):
        return self.output.read_text()

    def wait(self, timeout=PATIENCE):
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.stop()
            raise AssertionError(f"not done after {timeout} s:\n{self.text}") from None
        return Run(code, self.text)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
