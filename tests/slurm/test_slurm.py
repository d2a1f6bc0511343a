"""Studies on a real Slurm: success, and everything that goes wrong on a cluster.

With pytest-xdist, `--dist loadgroup` keeps these tests in one process (tests/conftest.py);
otherwise processes wait for each other.
"""

import os
import re
import signal
import subprocess
import sys

import pandas as pd
import pytest
import torch

from tests.slurm.cluster import wait_until
from tests.slurm.conftest import SlurmWorkspace
from tests.workflow.conftest import MINI, PATIENCE, ROOT, Workspace
from tests.workflow.test_survival import frames_written

pytestmark = pytest.mark.workflow

TARGET = "results/mini/interventions/fur.json"
PLAN = "results/mini/interventions/fur.plan.json"

FIRST_TRY_HANGS = """
rule all:
    input: "done"

rule work:
    output: "done"
    shell: "test -e tried && touch {output} && exit; touch tried; sleep 1000"
"""

HUNGRY = """
rule all:
    input: "done"

rule score:  # the profile gives it 1500 MB for each attempt
    output: "done"
    shell: "python3 -c 'x = bytearray(range(256)) * (1700 << 12); import time; time.sleep(8)'"
           " && touch {output}"
"""

PROGRAM = """
import json, os, sys, time
from pathlib import Path
from PIL import Image

image, axis, output = sys.argv[1:]
# Not an argument: a file that the command names is an input of its paths.
diary = Path(__file__).with_name("diary")
picture = Image.open(image)
name, job = picture.tobytes()[:64].hex(), os.environ["SLURM_JOB_ID"]

def note(word):
    with diary.open("a") as file:
        file.write(f"{word} {name} {job}\\n")
    return [line.split() for line in diary.read_text().splitlines()]

lines = note("start")
new = sum(name in line for line in lines) == 1
if new and any("end" in line and job in line for line in lines):
    time.sleep(1000)
for number, value in enumerate(json.loads(Path(axis).read_text())):
    picture.point(lambda p: p + 40 * value).save(Path(output) / f"{number:03d}.png")
note("end")
"""


def start_study(folder, images, jobs):
    """Start a study whose frames a program makes; it hangs at a job's second new image.

    What comes before the frames is made here, which takes less time than the cluster does.
    """
    workspace = SlurmWorkspace(folder)
    (folder / "program.py").write_text(PROGRAM)
    words = [sys.executable, folder / "program.py", "{image}", "{axis}", "{output}"]
    study = MINI | {
        "images": MINI["images"] | {"n_per_class": images // 2},
        "properties": {"fur": {"engine": "command", "command": [*map(str, words)], "steps": 6}},
        "jobs": {"intervention_jobs": jobs},
    }
    # One job a property plans for itself.
    planned = Workspace(folder).run(study, PLAN if jobs > 1 else "results/mini/images/images.csv")
    assert planned.code == 0, planned.text
    return workspace, study, workspace.start(study, TARGET)


def jobs_of(cluster, started):
    """The jobs of one Snakemake, oldest first."""
    run = re.search(r"SLURM run ID: (\S+)", started.text)
    return [job for job in cluster.jobs() if run and job["Name"] == run[1]]


def running(cluster, started, rule):
    """Wait for a job of a rule to run."""

    def find():
        return next(
            (
                job
                for job in jobs_of(cluster, started)
                if job["State"] == "RUNNING" and job["Comment"].startswith(f"rule_{rule}")
            ),
            None,
        )

    return wait_until(find, PATIENCE, f"a running job of {rule}")


@pytest.fixture(scope="session")
def mini_on_slurm(cluster, tmp_path_factory):
    """A property and a model of the mini study on Slurm; without placebos, to save jobs."""
    workspace = SlurmWorkspace(tmp_path_factory.mktemp("mini") / "slurm")
    # With this program on the PATH of the login node, `device: auto` asks for GPUs.
    programs = workspace.folder / "bin"
    programs.mkdir()
    (programs / "nvidia-smi").write_text("#!/bin/sh\n")
    (programs / "nvidia-smi").chmod(0o755)
    study = MINI | {
        "properties": {"fur": MINI["properties"]["fur"]},
        "models": {"biased": MINI["models"]["biased"]},
        "placebos": {"number": 0},
        "inference": MINI["inference"] | {"device": "auto"},
    }
    started = workspace.start(
        study, "summarise_scores", PATH=f"{programs}{os.pathsep}{os.environ['PATH']}"
    )
    yield workspace, started, study
    started.stop()


@pytest.fixture(scope="session")
def small(cluster, tmp_path_factory):
    """Three small runs: a job will be cancelled, a node will die, a job takes too much memory."""
    folder = tmp_path_factory.mktemp("small")
    runs = {}
    for name in ("cancelled", "dead", "hungry"):
        workspace = SlurmWorkspace(folder / name, avoid=None if name == "dead" else "cpu2")
        runs[name] = workspace.start_snakefile(HUNGRY if name == "hungry" else FIRST_TRY_HANGS)
    yield folder, runs
    for run in runs.values():
        run.stop()


@pytest.fixture(scope="session")
def over_time(cluster, tmp_path_factory):
    """A study with a job that hangs after its first path."""
    study = start_study(tmp_path_factory.mktemp("over_time") / "slurm", images=2, jobs=1)
    yield study
    study[-1].stop()


@pytest.fixture(scope="session")
def killed(cluster, tmp_path_factory):
    """A study with two jobs that hang after the first path."""
    study = start_study(tmp_path_factory.mktemp("killed") / "slurm", images=4, jobs=2)
    yield study
    study[-1].stop()


def disturb_small(cluster, small):
    folder, runs = small
    jobs = {}
    for name in ("cancelled", "dead"):
        jobs[name] = running(cluster, runs[name], "work")
        wait_until((folder / name / "tried").exists, PATIENCE, "the job's first try")
    cluster.run("scancel", jobs["cancelled"]["JobID"])
    assert jobs["dead"]["NodeList"] == "cpu2"  # the lighter one
    cluster.kill_node("cpu2")


def disturb_over_time(cluster, over_time):
    workspace, _, started = over_time
    job = running(cluster, started, "intervene")
    wait_until(lambda: len(frames_written(workspace)) == 1, PATIENCE, "the first path")
    workspace.finished = frames_written(workspace)
    # Limits are whole minutes; bringing the end forward saves one.
    cluster.run("scontrol", "update", f"JobId={job['JobID']}", "EndTime=now")


@pytest.fixture(scope="session", autouse=True)
def early(request):
    """Start all that the tests need and disturb it; most of the time is spent waiting for Slurm."""
    needed = {name for item in request.session.items for name in item.fixturenames}
    names = [name for name in ("mini_on_slurm", "killed", "over_time", "small") if name in needed]
    runs = {name: request.getfixturevalue(name) for name in names}
    for name, disturb in {"small": disturb_small, "over_time": disturb_over_time}.items():
        if name in runs:
            disturb(request.getfixturevalue("cluster"), runs[name])


def test_after_snakemake_was_killed_nothing_is_made_twice(killed, cluster):
    workspace, study, started = killed
    wait_until(lambda: len(frames_written(workspace)) == 2, PATIENCE, "two finished paths")
    finished = frames_written(workspace)
    started.process.send_signal(signal.SIGKILL)
    started.process.wait()
    # Snakemake's end is not the jobs' end.
    assert running(cluster, started, "intervene")

    for command in recovery():
        subprocess.run(command, shell=True, cwd=workspace.folder, check=True, timeout=PATIENCE)
    states = {job["State"] for job in jobs_of(cluster, started)}
    assert states - {"COMPLETED"} == {"CANCELLED"}

    assert workspace.run(study, "--unlock").code == 0
    run = workspace.run(study, TARGET)
    assert run.code == 0, run.text
    now = frames_written(workspace)
    assert len(now) == 4
    assert {row: now[row] for row in finished} == finished
    # Each path was finished once, whoever began it.
    diary = (workspace.folder / "diary").read_text().splitlines()
    ends = [line.split()[1] for line in diary if line.startswith("end")]
    assert len(ends) == len(set(ends)) == 4


def recovery():
    """The commands of docs/hpc.md that end the jobs a killed Snakemake left."""
    text = (ROOT / "docs" / "hpc.md").read_text()
    block = re.search(r"## After a crash.*?```\n(.*?)```", text, re.DOTALL)[1]
    return [line for line in block.splitlines() if "squeue" in line]


def test_a_job_over_its_time_limit_gets_more_time(over_time, cluster):
    workspace, _, started = over_time
    run = started.wait()
    assert run.code == 0, run.text
    first, second = (
        job for job in jobs_of(cluster, started) if job["Comment"].startswith("rule_intervene")
    )
    assert (first["State"], second["State"]) == ("TIMEOUT", "COMPLETED")
    assert second["TimeLimit"] == "8:00:00"
    assert (first["MinMemory"], second["MinMemory"]) == ("3000M", "6000M")
    assert "SLURM status is: 'TIMEOUT'" in run.text
    # The path that was finished is kept.
    now = frames_written(workspace)
    assert len(now) == 2
    assert {row: now[row] for row in workspace.finished} == workspace.finished


def test_a_cancelled_job_is_submitted_again(small, cluster):
    _, runs = small
    run = runs["cancelled"].wait()
    assert run.code == 0, run.text
    states = [job["State"] for job in jobs_of(cluster, runs["cancelled"])]
    assert states == ["CANCELLED", "COMPLETED"]
    assert "SLURM status is: 'CANCELLED'" in run.text


def test_a_job_of_a_dead_node_runs_elsewhere(small, cluster):
    _, runs = small
    run = runs["dead"].wait()
    assert run.code == 0, run.text
    first, second = jobs_of(cluster, runs["dead"])
    assert (first["State"], first["NodeList"]) == ("NODE_FAIL", "cpu2")
    assert (second["State"], second["NodeList"]) == ("COMPLETED", "cpu1")


def test_a_job_out_of_memory_gets_more(small, cluster):
    _, runs = small
    run = runs["hungry"].wait()
    assert run.code == 0, run.text
    first, second = jobs_of(cluster, runs["hungry"])
    assert first["State"] in {"OUT_OF_MEMORY", "CANCELLED", "FAILED"}
    assert second["State"] == "COMPLETED"
    assert (first["MinMemory"], second["MinMemory"]) == ("1500M", "3000M")
    assert f"SLURM status is: '{first['State']}'" in run.text


def test_results_are_those_of_a_local_run(mini_on_slurm, cluster, finished_copy):
    workspace, started, study = mini_on_slurm
    run = started.wait()
    assert run.code == 0, run.text
    jobs = jobs_of(cluster, started)
    assert {job["State"] for job in jobs} == {"COMPLETED"}
    # `device: auto` with a GPU in sight: inference goes to the GPU node, and nothing else does.
    on_gpu = {job["Comment"].split("_wildcards")[0] for job in jobs if job["Partition"] == "gpu"}
    assert on_gpu == {"rule_infer"}
    # Here, images, model and frames are those of the whole mini study.
    local = finished_copy
    run = local.run(study, "summarise_scores")
    assert run.code == 0, run.text
    for name in ("scores.csv", "summary.csv"):
        expected, found = (
            pd.read_csv(space.results() / "scores" / name) for space in (local, workspace)
        )
        # A GPU that is really there changes the last digits.
        exact = not torch.cuda.is_available()
        pd.testing.assert_frame_equal(found, expected, check_exact=exact)
