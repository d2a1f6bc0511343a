"""A killed job: finished paths stay, none is missing or wrong."""

import resource
import signal
import subprocess
import time

import numpy as np
import psutil
import pytest
import zarr

pytestmark = pytest.mark.workflow

TARGET = "results/mini/interventions/fur.json"


def shards(workspace):
    """Finished rows → the time their frames were written."""
    store = workspace.results() / "interventions" / "fur.zarr"
    done = {int(path.parent.name) for path in (store / "checksum" / "c").glob("*/0")}
    return {row: next(_files(store, row)).stat().st_mtime_ns for row in done}


def _files(store, row):
    return (path for path in (store / "frames" / "c" / str(row)).rglob("*") if path.is_file())


def generators(process):
    """The running scripts that make frames."""
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if any("intervene.py" in part for part in child.cmdline()):
                yield child
        except psutil.Error:
            continue


def test_kill_9_loses_no_finished_path_and_spoils_none(workspace, mini):
    mini["images"]["n_per_class"] = 30
    mini["world"] = {"size": 64}
    mini["properties"] = {"fur": mini["properties"]["fur"] | {"steps": 32}}
    survivors = []
    for wanted in (5, 25):
        with subprocess.Popen(
            workspace.command(mini, TARGET, "--rerun-incomplete"),
            cwd=workspace.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            deadline = time.monotonic() + 120
            while process.poll() is None and time.monotonic() < deadline:
                if len(shards(workspace)) >= wanted:
                    for child in generators(process):
                        child.send_signal(signal.SIGKILL)
                time.sleep(0.02)
        assert process.returncode != 0, "the job ended before it could be killed"
        survivors.append(shards(workspace))
    first, second = survivors
    assert wanted <= len(second) < 60
    assert {row: second[row] for row in first} == first

    run = workspace.run(mini, TARGET, "--rerun-incomplete")
    assert run.code == 0, run.text
    last = shards(workspace)
    assert len(last) == 60
    assert {row: last[row] for row in second} == second

    undisturbed = type(workspace)(workspace.folder / "undisturbed")
    undisturbed.folder.mkdir()
    assert undisturbed.run(mini, TARGET).code == 0
    assert (undisturbed.folder / TARGET).read_text() == (workspace.folder / TARGET).read_text()
    stores = [
        zarr.open_group(space.results() / "interventions" / "fur.zarr", mode="r")["frames"][...]
        for space in (undisturbed, workspace)
    ]
    np.testing.assert_array_equal(*stores)


def test_a_full_disk_is_named_and_finished_paths_go_on(workspace, mini):
    """A limit on the size of files stands in for a full disk: writing fails in the same way."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    mini["world"] = {"size": 128}
    mini["images"]["n_per_class"] = 1
    run = workspace.run(mini, TARGET, before=limit)
    assert run.code == 1
    line = next(line for line in run.text.splitlines() if line.startswith("zollstock: "))
    assert "fur.zarr" in line
    assert "Free some space and run again" in line
    assert "Traceback" not in run.text
    run = workspace.run(mini, TARGET)
    assert run.code == 0, run.text
    assert len(shards(workspace)) == 2


def test_a_harmed_path_is_named_and_made_again(workspace, mini):
    mini["properties"].pop("noise")
    assert workspace.run(mini, TARGET).code == 0
    store = workspace.results() / "interventions" / "fur.zarr"
    good = zarr.open_group(store, mode="r")["frames"][...]
    kept = shards(workspace)
    victim = next(_files(store, 1))
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 0xFF
    victim.write_bytes(data)
    run = workspace.run(mini, "results/mini/predictions/fur/plain.zarr")
    assert run.code == 1
    assert "differs from what was written" in run.text
    assert "--forcerun intervene" in run.text
    run = workspace.run(mini, TARGET, "--forcerun", "intervene")
    assert run.code == 0, run.text
    np.testing.assert_array_equal(zarr.open_group(store, mode="r")["frames"][...], good)
    kept.pop(1)
    now = shards(workspace)
    assert {row: now[row] for row in kept} == kept
