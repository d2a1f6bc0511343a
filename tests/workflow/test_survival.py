"""When something dies, fills up, is harmed or moves: finished paths stay, none is wrong.

Every run here has a limit of time. The study is small, and all tests start from copies of one
run of it (`whole`), since starting Snakemake is what costs.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import types

import numpy as np
import psutil
import pytest
import zarr

from tests.workflow import torture
from tests.workflow.conftest import MINI, ROOT, Workspace
from tests.workflow.torture import frames_file, kept

pytestmark = pytest.mark.workflow

MANIFEST = "results/mini/interventions/edit.json"
LEDGER = "results/mini/ledger/edit.csv"
TABLES = {
    LEDGER: [MANIFEST, LEDGER, "results/mini/ledger/edit.steps.csv"],
    "summarise_scores": [
        *(MANIFEST, LEDGER, "results/mini/ledger/edit.steps.csv"),
        *("results/mini/images/images.csv", "results/mini/models/plain.safetensors"),
        *(f"results/mini/scores/{name}" for name in ("scores.parquet", "scores.csv")),
        *(f"results/mini/scores/{name}" for name in ("tests.parquet", "summary.csv")),
    ],
}


def can_mount():
    """Whether tests may mount: root, and namespaces are allowed."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


needs_mounts = pytest.mark.skipif(not can_mount(), reason="needs root, to mount")


def undisturbed(workspace, target):
    """Run the counted study up to a target."""
    torture.prepare(workspace)
    run = workspace.run(torture.study(MINI), target, timeout=torture.PATIENCE)
    assert run.code == 0, run.text
    assert set(torture.frames_made(workspace).values()) == {1}


@pytest.fixture(scope="session")
def whole(once):
    """The counted study up to its ledger; tests must leave it as it is."""
    return once("whole", lambda workspace: undisturbed(workspace, LEDGER))


def frames_written(workspace):
    """The finished rows of the mini study's property `fur` → when their frames were written."""
    return kept(workspace, "fur")


def generators(process):
    """The running scripts that make frames."""
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if any("intervene.py" in part for part in child.cmdline()):
                yield child
        except psutil.Error:
            continue


@pytest.fixture
def counted(mini):
    return torture.study(mini)


@pytest.fixture
def again(whole, workspace):
    """A copy of the whole study, with all times."""
    return whole.copy_to(workspace)


def frames(workspace):
    return zarr.open_group(torture.store_of(workspace), mode="r")["frames"]


def assert_equal(one, two, target):
    """The tables to the byte, and every frame."""
    for name in TABLES[target]:
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes(), name
    np.testing.assert_array_equal(frames(one)[...], frames(two)[...])


def mounted(workspace, config, mounts, *arguments, after=":"):
    """Run Snakemake where `mounts`, a piece of shell, was done for it alone."""
    run = workspace.command(config, *arguments)
    script = f'{mounts}\ncode=0; "$@" || code=$?\n{after}\nexit $code'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-ec", script, "sh", *run],
        cwd=workspace.folder,
        capture_output=True,
        text=True,
        timeout=torture.PATIENCE,
    )
    return done.returncode, done.stdout + done.stderr


# --- kill -9 ------------------------------------------------------------------------------


def endure(workspace, config, target, rng, kills, longest):
    """Kill up to so many times, then let the study run to its end; check the counts."""
    torture.prepare(workspace)
    ordeal = torture.Ordeal(workspace, config, target, rng, longest)
    while ordeal.kills.total() < kills:
        if ordeal.run(str(rng.choice(["job", "snakemake", "group"]))):
            break
    else:
        run = workspace.run(config, target, timeout=torture.PATIENCE)
        assert run.code == 0, run.text
    assert not torture.processes(workspace)
    made = torture.frames_made(workspace)
    assert len(made) == 10 * torture.STEPS
    assert max(made.values()) <= 2
    # A path is begun once, and once more for every kill that took it unfinished.
    assert torture.begun(workspace) == {
        seed: 1 + ordeal.lost[seed] for seed in torture.begun(workspace)
    }
    return ordeal


def test_six_kills_change_nothing_and_no_frame_is_made_thrice(whole, workspace, counted):
    rng = np.random.default_rng(5)
    ordeal = endure(workspace, counted, LEDGER, rng, kills=6, longest=7)
    assert ordeal.kills.total() >= 3
    assert_equal(workspace, whole, LEDGER)


@pytest.mark.slow
def test_fifty_kills_change_nothing_and_no_frame_is_made_thrice(tmp_path, counted):
    """A study that got through its kills is compared, and the next one takes the others."""
    calm = Workspace(tmp_path / "calm")
    undisturbed(calm, "summarise_scores")
    rng, done, stages = np.random.default_rng(50), 0, set()
    wanted = {"intervene.py", "infer.py", "train_classifier.py"}
    while done < 50 or not wanted <= stages:
        assert done < 150, wanted - stages  # a short stage is seldom hit
        workspace = Workspace(tmp_path / f"after-{done}")
        ordeal = endure(workspace, counted, "summarise_scores", rng, max(50 - done, 10), longest=12)
        assert_equal(workspace, calm, "summarise_scores")
        done += ordeal.kills.total()
        stages |= set(ordeal.stages)


def test_sigterm_ends_the_program_of_an_engine_too(tmp_path):
    """A scheduler sends it at the time limit; an editor must not stay on the GPU."""
    script = f"""
import sys, types
sys.path.insert(0, {str(ROOT)!r})
from zollstock.jobs.harness import job
with job(types.SimpleNamespace(threads=1, log=["log"], output=["out"], wildcards=None)):
    import numpy as np
    from pathlib import Path
    from zollstock.engines.command import CommandEngine
    image = types.SimpleNamespace(pixels=lambda: np.zeros((4, 4, 3), np.uint8))
    wait = ": {{image}} {{axis}} {{output}}; echo $$ > new; mv new pid; exec sleep 3000"
    CommandEngine(command=["sh", "-c", wait], steps=3).path(image, 1, print)
"""
    with subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path) as process:
        torture.until((tmp_path / "pid").exists, "the program runs")
        process.send_signal(signal.SIGTERM)
        assert process.wait(torture.PATIENCE) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


# --- full and read-only disks -------------------------------------------------------------


def test_a_log_that_cannot_be_opened_hides_no_message(tmp_path, capsys, monkeypatch):
    """A disk without room for another file."""
    from zollstock.errors import ZollstockError
    from zollstock.jobs.harness import job

    monkeypatch.setattr("zollstock.jobs.harness._set_threads", lambda threads: None)
    facts = {"threads": 1, "log": [str(tmp_path / "none" / "log")], "wildcards": None}
    with pytest.raises(SystemExit) as stop, job(types.SimpleNamespace(**facts)):
        raise ZollstockError("disk", "is full", "room", "Free some.")
    assert stop.value.code == 1
    assert capsys.readouterr().err == "zollstock: disk: is full; expected room. Free some.\n"


def without_frames(workspace):
    """Take the store and all that names it away."""
    folder = workspace.results() / "interventions"
    shutil.rmtree(torture.store_of(workspace))
    for file in folder.glob("edit.*"):
        file.unlink()


def test_a_full_disk_is_named_and_finished_paths_go_on(again, counted):
    """A limit on the size of files stands in for a full disk: writing fails in the same way."""
    without_frames(again)
    counted["properties"]["edit"]["size"] = [96, 96]

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    run = again.run(counted, MANIFEST, before=limit)
    assert run.code == 1
    line = next(line for line in run.text.splitlines() if line.startswith("zollstock: "))
    assert "interventions/edit-" in line
    assert "Free some space and run again" in line
    assert "Traceback" not in run.text
    run = again.run(counted, MANIFEST)
    assert run.code == 0, run.text
    assert len(kept(again)) == 10


@pytest.mark.slow
@needs_mounts
def test_a_disk_that_runs_full_keeps_what_was_finished(again, whole, counted):
    """A real one, with room for half of the paths."""
    size = sum(frames_file(again, row).stat().st_size for row in kept(again)) // 2
    size += 4096 * 40  # the store's small files take a page each
    without_frames(again)
    place = "results/mini/interventions"
    code, text = mounted(
        again,
        counted,
        f"mount -t tmpfs -o size={size} none {place}",
        *(MANIFEST, "--keep-going"),
        after=f"cp -a {place} aside",  # what lies on this disk goes with it
    )
    assert code == 1
    lines = [line for line in text.splitlines() if line.startswith("zollstock: ")]
    assert any("no space" in line.lower() for line in lines), text
    assert "Traceback" not in text
    shutil.rmtree(again.folder / place)
    (again.folder / "aside").rename(again.folder / place)
    finished, before = kept(again), torture.begun(again)
    assert 0 < len(finished) < 10
    run = again.run(counted, MANIFEST)
    assert run.code == 0, run.text
    assert (torture.begun(again) - before).total() == 10 - len(finished)
    now = kept(again)
    assert {row: now[row] for row in finished} == finished
    assert_equal(again, whole, LEDGER)


@needs_mounts
def test_results_that_cannot_be_written_are_named_in_a_line(workspace, counted):
    torture.prepare(workspace)
    workspace.results().mkdir(parents=True)
    mounts = "mount --bind results results; mount -o remount,ro,bind results"
    code, text = mounted(workspace, counted, mounts, MANIFEST)
    assert code == 1
    assert "Read-only file system: 'results/mini" in text
    assert "Traceback" not in text


@needs_mounts
def test_what_is_whole_can_be_asked_for_where_nothing_can_be_written(again, counted):
    mounts = "mount --bind results results; mount -o remount,ro,bind results"
    code, text = mounted(again, counted, mounts, LEDGER)
    assert code == 0, text
    assert "Nothing to be done" in text


# --- harm by hand -------------------------------------------------------------------------


def test_harmed_paths_are_named_and_they_alone_are_made_again(again, whole, counted):
    before = kept(again)
    flipped, cut = frames_file(again, 1), frames_file(again, 6)
    data = bytearray(flipped.read_bytes())
    data[len(data) // 2] ^= 0x10
    flipped.write_bytes(data)
    cut.write_bytes(cut.read_bytes()[:-100])
    made = torture.begun(again)
    run = again.run(counted, LEDGER, "--forcerun", "measure_edits")
    assert run.code == 1
    line = next(line for line in run.text.splitlines() if line.startswith("zollstock: "))
    assert ".zarr, image" in line
    assert "differs from what was written" in line
    assert "--forcerun plan_interventions intervene make_placebos" in line
    assert "Traceback" not in run.text
    run = again.run(
        counted, LEDGER, "--forcerun", "plan_interventions", "intervene", "make_placebos"
    )
    assert run.code == 0, run.text
    assert (torture.begun(again) - made).total() == 2
    now = kept(again)
    assert {row for row in before if now[row] != before[row]} == {1, 6}
    assert_equal(again, whole, LEDGER)


def test_a_cut_off_json_file_is_named_with_the_way_out(tmp_path):
    from zollstock.errors import ZollstockError
    from zollstock.files import read_json, write_json

    file = tmp_path / "edit.json"
    write_json({"images": [1, 2, 3]}, file)
    file.write_text(file.read_text()[:-4])
    with pytest.raises(ZollstockError, match=r"edit\.json: cannot be read .* delete it") as raised:
        read_json(file)
    assert "\n" not in str(raised.value)


# --- two at once, clocks, moves -----------------------------------------------------------


def test_a_second_snakemake_is_refused_and_finds_what_to_do(again, counted):
    without_frames(again)
    locks = again.folder / ".snakemake" / "locks"
    first = subprocess.Popen(
        again.command(counted, MANIFEST),
        cwd=again.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        torture.until(lambda: any(locks.glob("*")), "the first has its lock")
        os.killpg(first.pid, signal.SIGSTOP)
        second = again.run(counted, MANIFEST)
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(torture.PATIENCE)
    assert second.code == 1
    assert "cannot be locked" in second.text
    assert "--unlock" in second.text
    assert "Traceback" not in second.text


def touch_all(folder, when):
    for place, _, names in os.walk(folder):
        for name in (".", *names):
            os.utime(os.path.join(place, name), (when, when), follow_symlinks=False)  # noqa: PTH118


def test_a_moved_study_has_nothing_to_do(again, counted, tmp_path):
    moved = Workspace(tmp_path.with_name(tmp_path.name + "-moved"))
    again.folder.rename(moved.folder)
    run = moved.run(counted, LEDGER, "--dry-run")
    assert run.code == 0, run.text
    assert "Nothing to be done" in run.text


def test_results_from_the_future_have_nothing_to_do(again, counted):
    """The clock was set back, by two years."""
    touch_all(again.folder, time.time() + 2 * 365 * 86400)
    run = again.run(counted, LEDGER, "--dry-run")
    assert run.code == 0, run.text
    assert "Nothing to be done" in run.text


@pytest.mark.slow
@pytest.mark.parametrize("place", ["here", "elsewhere"])
def test_no_frame_is_made_again_where_all_rules_are(again, whole, counted, place, monkeypatch):
    """Results older than the code, and results whose project now lies in another folder."""
    made = torture.made(again)
    if place == "here":
        touch_all(again.folder, time.time() - 20 * 365 * 86400)
    else:
        project = again.folder / "project"
        for name in ("rules", "workflow", "zollstock", "profiles", "envs", "resources"):
            shutil.copytree(ROOT / name, project / name, copy_function=shutil.copyfile)
        shutil.copyfile(ROOT / "Snakefile", project / "Snakefile")
        monkeypatch.setattr("tests.workflow.conftest.ROOT", project)
    rows = kept(again)
    run = again.run(counted, LEDGER)
    assert run.code == 0, run.text
    assert "rule select_images" in again.details()
    assert torture.made(again) == made
    assert kept(again) == rows
    assert_equal(again, whole, LEDGER)
