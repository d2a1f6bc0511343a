"""Studies on a real Slurm: success, and everything that goes wrong on a cluster.

With pytest-xdist, `--dist loadgroup` keeps these tests in one process; otherwise processes
wait for each other.
"""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap

import pandas as pd
import pytest
import torch

from tests.slurm.cluster import wait_until
from tests.slurm.conftest import SlurmWorkspace
from tests.workflow.conftest import MINI, ROOT, Workspace
from tests.workflow.test_survival import shards

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("slurm")]

TARGET = "results/mini/interventions/fur.json"

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

image, axis, output, mode = sys.argv[1:]
# Not an argument: a file that the command names is an input of its paths.
diary = Path(__file__).with_name("diary")
name = Image.open(image).tobytes()[:64].hex()
with diary.open("a") as file:
    file.write(json.dumps(["start", name, time.time()]) + "\\n")
lines = diary.read_text().splitlines()
if mode == "hang" and len(lines) == 3:
    time.sleep(600)
if mode == "slow":
    time.sleep(2)
pixels = Image.open(image)
for number, value in enumerate(json.loads(Path(axis).read_text())):
    pixels.point(lambda p: p + 40 * value).save(Path(output) / f"{number:03d}.png")
with diary.open("a") as file:
    file.write(json.dumps(["end", name, time.time()]) + "\\n")
"""


def with_program(study, folder, mode):
    """The study with one property, made by a program that hangs once or takes its time."""
    (folder / "program.py").write_text(textwrap.dedent(PROGRAM))
    words = [sys.executable, folder / "program.py", "{image}", "{axis}", "{output}", mode]
    study["properties"] = {
        "fur": {
            "engine": "command",
            "command": list(map(str, words)),
            "steps": 6,
        }
    }
    return study


def runs(folder):
    """Image → its (start, end) times in the program; an end is missing where it was killed."""
    images = {}
    for line in (folder / "diary").read_text().splitlines():
        what, name, at = json.loads(line)
        if what == "start":
            images.setdefault(name, []).append([at])
        else:
            images[name][-1].append(at)
    return images


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

    return wait_until(find, 240, f"a running job of {rule}")


@pytest.fixture(scope="session", autouse=True)
def early(request):
    """Start what takes longest before the first test; it runs beside the others."""
    if any("mini_on_slurm" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("mini_on_slurm")


@pytest.fixture(scope="session")
def mini_on_slurm(cluster, tmp_path_factory):
    """A property of the mini study on Slurm."""
    workspace = SlurmWorkspace(tmp_path_factory.mktemp("mini") / "slurm")
    # With this program on the PATH of the login node, `device: auto` asks for GPUs.
    programs = workspace.folder / "bin"
    programs.mkdir()
    (programs / "nvidia-smi").write_text("#!/bin/sh\n")
    (programs / "nvidia-smi").chmod(0o755)
    study = MINI | {
        "properties": {"fur": MINI["properties"]["fur"]},
        "inference": MINI["inference"] | {"device": "auto"},
    }
    started = workspace.start(
        study, "summarise_scores", PATH=f"{programs}{os.pathsep}{os.environ['PATH']}"
    )
    yield workspace, started, study
    started.stop()


@pytest.fixture(scope="session")
def mishaps(cluster, tmp_path_factory):
    """Three small runs at once; a job is cancelled, a node dies, a job takes too much memory."""
    folder = tmp_path_factory.mktemp("mishaps")
    spaces = {
        "cancelled": SlurmWorkspace(folder / "cancelled"),
        "dead": SlurmWorkspace(folder / "dead", avoid=None),
        "hungry": SlurmWorkspace(folder / "hungry"),
    }
    started = {
        name: space.start_snakefile(HUNGRY if name == "hungry" else FIRST_TRY_HANGS)
        for name, space in spaces.items()
    }
    jobs = {}
    for name in ("cancelled", "dead"):
        jobs[name] = running(cluster, started[name], "work")
        wait_until((spaces[name].folder / "tried").exists, 120, "the job's first try")
    cluster.run("scancel", jobs["cancelled"]["JobID"])
    assert jobs["dead"]["NodeList"] == "cpu2"  # the lighter one
    cluster.kill_node("cpu2")
    try:
        yield started
    finally:
        for run in started.values():
            run.stop()


def test_a_cancelled_job_is_submitted_again(mishaps, cluster):
    run = mishaps["cancelled"].wait()
    assert run.code == 0, run.text
    states = [job["State"] for job in jobs_of(cluster, mishaps["cancelled"])]
    assert states == ["CANCELLED", "COMPLETED"]
    assert "SLURM status is: 'CANCELLED'" in run.text


def test_a_job_of_a_dead_node_runs_elsewhere(mishaps, cluster):
    run = mishaps["dead"].wait()
    assert run.code == 0, run.text
    first, second = jobs_of(cluster, mishaps["dead"])
    assert (first["State"], first["NodeList"]) == ("NODE_FAIL", "cpu2")
    assert (second["State"], second["NodeList"]) == ("COMPLETED", "cpu1")


def test_a_job_out_of_memory_gets_more(mishaps, cluster):
    run = mishaps["hungry"].wait()
    assert run.code == 0, run.text
    first, second = jobs_of(cluster, mishaps["hungry"])
    assert first["State"] in {"OUT_OF_MEMORY", "CANCELLED", "FAILED"}
    assert second["State"] == "COMPLETED"
    assert (first["MinMemory"], second["MinMemory"]) == ("1500M", "3000M")
    assert f"SLURM status is: '{first['State']}'" in run.text


def test_a_job_over_its_time_limit_gets_more_time(workspace, cluster, mini):
    study = with_program(mini, workspace.folder, "hang")
    study["images"]["n_per_class"] = 1
    study["jobs"] = {"intervention_jobs": 1}
    started = workspace.start(study, TARGET)
    job = running(cluster, started, "intervene")
    wait_until(lambda: len(shards(workspace)) == 1, 120, "the first path")
    finished = shards(workspace)
    # Limits are whole minutes; bringing the end forward saves one.
    cluster.run("scontrol", "update", f"JobId={job['JobID']}", "EndTime=now")
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
    assert {row: shards(workspace)[row] for row in finished} == finished
    assert len(shards(workspace)) == 2


def test_after_snakemake_was_killed_nothing_is_made_twice(workspace, cluster, mini):
    study = with_program(mini, workspace.folder, "slow")
    study["images"]["n_per_class"] = 5
    started = workspace.start(study, TARGET)
    wait_until(lambda: len(shards(workspace)) >= 2, 240, "two finished paths")
    started.process.send_signal(signal.SIGKILL)
    started.process.wait()
    # Snakemake's end is not the jobs' end.
    assert running(cluster, started, "intervene")

    for command in recovery():
        subprocess.run(command, shell=True, cwd=workspace.folder, check=True, timeout=60)
    assert {job["State"] for job in jobs_of(cluster, started)} == {"COMPLETED", "CANCELLED"}
    finished = shards(workspace)
    assert 2 <= len(finished) < 10

    assert workspace.run(study, "--unlock").code == 0
    run = workspace.run(study, TARGET)
    assert run.code == 0, run.text
    now = shards(workspace)
    assert len(now) == 10
    assert {row: now[row] for row in finished} == finished
    made = runs(workspace.folder)
    assert len(made) == 10
    for times in made.values():
        # Once, or a second time after the first was stopped.
        assert len(times) == 1 or (len(times) == 2 and len(times[0]) == 1), times


def recovery():
    """The commands of docs/hpc.md that end the jobs a killed Snakemake left."""
    text = (ROOT / "docs" / "hpc.md").read_text()
    block = re.search(r"## After a crash.*?```\n(.*?)```", text, re.DOTALL)[1]
    return [line for line in block.splitlines() if "squeue" in line]


def test_results_are_those_of_a_local_run(mini_on_slurm, cluster, tmp_path):
    workspace, started, study = mini_on_slurm
    run = started.wait()
    assert run.code == 0, run.text
    jobs = jobs_of(cluster, started)
    assert {job["State"] for job in jobs} == {"COMPLETED"}
    # `device: auto` with a GPU in sight: inference goes to the GPU node, and nothing else does.
    on_gpu = {job["Comment"].split("_wildcards")[0] for job in jobs if job["Partition"] == "gpu"}
    assert on_gpu == {"rule_infer"}
    local = Workspace(tmp_path)
    assert local.run(study, "summarise_scores").code == 0
    for name in ("scores.csv", "summary.csv"):
        expected, found = (
            pd.read_csv(space.results() / "scores" / name) for space in (local, workspace)
        )
        # A GPU that is really there changes the last digits.
        exact = not torch.cuda.is_available()
        pd.testing.assert_frame_equal(found, expected, check_exact=exact)
