"""Device and batch size."""

import numpy as np
import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.inference import devices
from zollstock.inference.devices import choose_batch_size, choose_device

CPU = torch.device("cpu")


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


@pytest.fixture
def timed(monkeypatch):
    """Measure with a made clock: `cost(size)` is the seconds of one batch."""

    def measure(cost, count=1000):
        now, sizes = [0.0], []

        def forward(frames):
            sizes.append(len(frames))
            now[0] += cost(len(frames))

        monkeypatch.setattr(devices.time, "perf_counter", lambda: now[0])
        frames = np.zeros((count, 1, 1, 3), np.uint8)
        return choose_batch_size(forward, frames, CPU), sizes

    return measure


@pytest.mark.parametrize("best", [2, 16, 256])
def test_batch_of_the_highest_throughput_is_taken(timed, best):
    # Cost per frame is lowest at `best`.
    chosen, _ = timed(lambda size: 1e-6 * size * (1 + abs(np.log2(size / best))))
    assert chosen == best


def test_measuring_stops_when_larger_batches_are_clearly_worse(timed):
    chosen, sizes = timed(lambda size: 1e-6 * size**2)
    assert chosen == 2
    assert max(sizes) == 4


def test_slow_models_are_not_measured_for_long(timed):
    chosen, sizes = timed(lambda size: 1.0)
    assert chosen == 2
    assert max(sizes) == 2


def test_no_batch_is_larger_than_the_frames_at_hand(timed):
    chosen, sizes = timed(lambda size: 1e-6, count=9)
    assert chosen == 8
    assert max(sizes) == 8


def test_a_gpu_takes_a_large_batch_unmeasured():
    assert choose_batch_size(None, np.zeros((3, 1, 1, 3), np.uint8), torch.device("cuda")) == 256
