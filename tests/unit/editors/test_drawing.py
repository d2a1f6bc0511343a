"""Pairs drawn by many processes are those that one draws."""

import itertools

import numpy as np
import pytest

from zollstock.editors import drawing
from zollstock.editors.drawing import rounds_of_pairs

SETTINGS = {"size": 16, "shift": 0.4, "jitter": 0.12, "design": "tilt", "seed": (3, "test")}


@pytest.fixture
def rounds(monkeypatch):
    monkeypatch.setattr(drawing, "PIECE", 3)

    def draw(processes, count=2, sources=8):
        settings = SETTINGS | {"sources": sources, "processes": processes}
        with rounds_of_pairs(**settings) as series:
            return list(itertools.islice(series, count))

    return draw


def test_the_pairs_do_not_depend_on_the_number_of_processes(rounds):
    for one, two in zip(rounds(1), rounds(2), strict=True):
        for name in ("images", "source", "target", "text"):
            np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_rows_of_joined_pieces_point_at_their_own_pictures(rounds):
    first, second = rounds(1)
    assert len(first.images) == 8 * 6 and len(first.text) == 8 * 5
    np.testing.assert_array_equal(np.unique(first.source), np.arange(8) * 6)
    np.testing.assert_array_equal(first.target // 6, first.source // 6)
    assert (first.target % 6 == 1 + first.text).all()
    assert (first.images != second.images).any()
    assert (first.images[:6] != first.images[18:24]).any()  # pieces have seeds of their own


def test_workers_end_with_the_series(monkeypatch):
    started = []
    popen = drawing.subprocess.Popen

    def start(*args, **kwargs):
        started.append(popen(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(drawing.subprocess, "Popen", start)
    with pytest.raises(KeyError), rounds_of_pairs(**SETTINGS, sources=2, processes=2) as series:
        next(series)
        raise KeyError
    assert len(started) == 2 and all(worker.returncode is not None for worker in started)


def test_a_worker_that_dies_ends_the_series_with_a_message():
    broken = SETTINGS | {"size": "x", "sources": 500, "processes": 2}
    with (
        pytest.raises(RuntimeError, match="ended with status"),
        rounds_of_pairs(**broken) as series,
    ):
        next(series)
