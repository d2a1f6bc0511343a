"""Memory and batch size."""

import platform
import sys

import numpy as np
import pytest
import torch

from zollstock.inference.batching import (
    _CANDIDATES,
    BatchSize,
    keep_freed_memory,
)

CPU = torch.device("cpu")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_glibc_accepts_the_request_to_keep_memory():
    assert keep_freed_memory.__wrapped__() is True


@pytest.mark.parametrize("there", ["darwin", "win32", "linux without mallopt"])
def test_elsewhere_memory_is_left_alone(monkeypatch, there):
    monkeypatch.setattr(sys, "platform", there.split()[0])
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    assert keep_freed_memory.__wrapped__() is False


@pytest.fixture
def timed():
    """Work through paths of frames; `cost(size, n)` is the seconds of the n-th batch."""

    def measure(cost, count=1000, paths=5):
        batch, sizes = BatchSize("auto", CPU), []
        for _ in range(paths):
            left = count
            while left:
                size = batch.next(left)
                assert 0 < size <= left
                sizes.append(size)
                batch.took(size, cost(size, len(sizes)))
                left -= size
        return batch.size, sizes

    return measure


def per_frame(best, loss=1.0):
    """Return a cost that is lowest a frame at batches of `best`."""
    return lambda size, n: 1e-6 * size * (1 + loss * abs(np.log2(size / best)))


@pytest.mark.parametrize("best", [2, 16, 256])
def test_batch_of_the_highest_throughput_is_taken(timed, best):
    chosen, sizes = timed(per_frame(best))
    assert chosen == best
    assert sizes[-1] <= best


def test_after_the_choice_every_batch_has_that_size(timed):
    _, sizes = timed(per_frame(16))
    tried = [size for size in _CANDIDATES if size <= 64 for _ in range(3)]
    assert sizes[: len(tried)] == tried
    assert set(sizes[len(tried) :]) - {16} <= set(range(1, 16))
    assert sum(size != 16 for size in sizes[len(tried) :]) <= 5  # the ends of the paths


@pytest.mark.parametrize("slow", range(3))
def test_one_or_two_disturbed_batches_of_three_change_nothing(timed, slow):
    clean = per_frame(16, 0.2)
    chosen, _ = timed(lambda size, n: clean(size, n) * (1 if n % 3 == slow else 10))
    assert chosen == 16


def test_a_small_gain_is_not_worth_a_larger_batch(timed):
    chosen, sizes = timed(lambda size, n: size * (1 - 0.01 * np.log2(size)))
    assert chosen == 2
    assert max(sizes) == 8


def test_no_batch_is_larger_than_the_frames_of_a_path(timed):
    chosen, sizes = timed(lambda size, n: 1e-6, count=9, paths=10)
    assert chosen == 8
    assert max(sizes) == 8


def test_a_clock_that_says_zero_does_no_harm(timed):
    chosen, _ = timed(lambda size, n: 0.0)
    assert chosen == 256


def test_a_wanted_size_is_kept_and_a_gpu_takes_a_large_batch_unmeasured():
    for batch, expected in (
        (BatchSize(7, CPU), 7),
        (BatchSize("auto", torch.device("cuda")), 256),
    ):
        for _ in range(20):
            batch.took(batch.next(1000), 1.0)
        assert batch.size == batch.next(1000) == expected
        assert batch.next(3) == 3
