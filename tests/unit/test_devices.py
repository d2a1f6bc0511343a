"""Which device, and one GPU for each job."""

import subprocess
import sys

import pytest
import torch

from zollstock import devices
from zollstock.devices import SLOTS, choose_device, claim
from zollstock.errors import ZollstockError


@pytest.fixture
def machine(monkeypatch):
    def have(cuda=False, mps=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return have


@pytest.mark.parametrize(
    ("there", "wanted", "expected"),
    [
        ({}, "auto", "cpu"),
        ({"mps": True}, "auto", "mps"),
        ({"cuda": True, "mps": True}, "auto", "cuda"),
        ({"cuda": True}, "cpu", "cpu"),
        ({"cuda": True}, "cuda", "cuda"),
    ],
)
def test_the_fastest_device_or_the_one_asked_for(machine, there, wanted, expected):
    machine(**there)
    assert choose_device(wanted).type == expected


@pytest.mark.parametrize("wanted", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused(machine, wanted):
    machine()
    with pytest.raises(ZollstockError, match=f"is '{wanted}', which this machine does not have"):
        choose_device(wanted)


@pytest.fixture(autouse=True)
def nothing_held(monkeypatch):
    monkeypatch.setattr(devices, "_held", {})


@pytest.fixture
def another_process(tmp_path):
    """Start a process that holds slots of the first free of "a" and "b" until it is killed."""
    running = []

    def start(slots):
        code = (
            "import sys; from pathlib import Path; from zollstock.devices import claim;"
            f"print(claim(['a', 'b'], Path(sys.argv[1]), {slots}), flush=True); sys.stdin.read()"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process, int(process.stdout.readline())

    yield start
    for process in running:
        process.kill()
        process.wait()


def test_each_process_takes_its_own_gpu_and_leaves_it_when_it_dies(tmp_path, another_process):
    process, taken = another_process(SLOTS)
    assert taken == 0
    assert claim(["a", "b"], tmp_path) == 1
    with pytest.raises(ZollstockError, match=r"all 1 GPUs were held.*--resources gpu_slots=N"):
        claim(["a"], tmp_path, patience=0)
    process.kill()
    process.wait()
    assert claim(["a"], tmp_path, patience=5) == 0


def test_small_jobs_share_a_gpu_and_a_large_one_takes_the_next(tmp_path, another_process):
    assert another_process(1)[1] == 0
    assert claim(["a", "b"], tmp_path, 1) == 0
    held = [dict(devices._held)]
    devices._held.clear()  # as another process would see it
    assert claim(["a", "b"], tmp_path, SLOTS) == 1
    held.append(dict(devices._held))
    devices._held.clear()
    with pytest.raises(ZollstockError, match="all 2 GPUs"):
        claim(["a", "b"], tmp_path, SLOTS, patience=0)


def test_no_more_small_jobs_share_a_gpu_than_it_has_slots(tmp_path):
    held = []
    for _ in range(SLOTS):
        assert claim(["a", "b"], tmp_path, 1) == 0
        held.append(dict(devices._held))
        devices._held.clear()
    assert claim(["a", "b"], tmp_path, 1) == 1


def test_a_process_keeps_what_it_has_and_may_take_more_of_it(tmp_path, another_process):
    assert [claim(["a", "b"], tmp_path, 1) for _ in range(SLOTS + 1)] == [0] * (SLOTS + 1)
    assert claim(["a", "b"], tmp_path, SLOTS) == 0
    assert [claim(["a", "b"], tmp_path, slots) for slots in (1, SLOTS)] == [0, 0]
    assert another_process(1)[1] == 1


def test_a_job_that_finds_too_few_slots_leaves_them_to_others(tmp_path, another_process):
    assert another_process(1)[1] == 0
    with pytest.raises(ZollstockError):
        claim(["a"], tmp_path, SLOTS, patience=0)
    assert claim(["a"], tmp_path, SLOTS - 1, patience=0) == 0


@pytest.mark.parametrize(("shared", "slots"), [(True, 1), (False, SLOTS)])
def test_a_gpu_is_shared_only_by_those_who_say_so(machine, monkeypatch, tmp_path, shared, slots):
    machine(cuda=True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda k: object())
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    assert devices.hold_device("auto", shared=shared) == torch.device("cuda", 0)
    assert len(devices._held["0"]) == slots
