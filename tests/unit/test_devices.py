"""Which device, and one GPU for each job."""

import subprocess
import sys

import pytest
import torch

from zollstock import devices
from zollstock.devices import choose_device, claim
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


def another_process(folder):
    """A process that holds the GPU "a" until its input is closed."""
    code = (
        "import sys; from pathlib import Path; from zollstock.devices import claim;"
        "print(claim(['a', 'b'], Path(sys.argv[1])), flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "0\n"
    return process


def test_each_process_takes_its_own_gpu_and_leaves_it_when_it_dies(tmp_path):
    process = another_process(tmp_path)
    assert claim(["a", "b"], tmp_path) == 1
    with pytest.raises(ZollstockError, match=r"all 1 GPUs were held.*--resources gpu=N"):
        claim(["a"], tmp_path, patience=0)
    process.kill()
    process.wait()
    assert claim(["a"], tmp_path, patience=5) == 0


def test_a_process_keeps_what_it_has(tmp_path):
    assert [claim(["a", "b"], tmp_path) for _ in range(3)] == [0, 0, 0]
