"""Progress on the terminal and in a job's log."""

import io
from contextlib import redirect_stderr

import pytest

from zollstock import progress
from zollstock.jobs.harness import _Tee
from zollstock.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the test moves on."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])

    def wait(seconds):
        now[0] += seconds

    return wait


@pytest.fixture
def job():
    """Standard error as a job has it: a terminal and a log."""
    return _Tee(io.StringIO(), io.StringIO())


def lines(stream):
    return stream.getvalue().splitlines()


def test_a_log_has_a_line_every_ten_seconds_and_one_at_the_end(clock, job):
    with redirect_stderr(job), Progress("work", 100) as count:
        for _ in range(4):
            clock(6)
            count(10)
    assert lines(job.terminal) == []
    assert lines(job.log) == [
        "work: 20 of 100 frames, 1.7 frames/s, 48 s left",
        "work: 40 of 100 frames, 1.7 frames/s, 36 s left",
        "work: 40 of 100 frames, 24.0 s",
    ]


def test_a_long_job_says_a_tenth_of_its_work_a_line(clock, job):
    with redirect_stderr(job), Progress("work", 1000) as count:
        for _ in range(100):
            clock(31)
            count(10)
    terminal = lines(job.terminal)
    assert len(terminal) == 10
    assert terminal[0] == "work: 100 of 1000 frames, 0.32 frames/s, 2790 s left"
    assert len(lines(job.log)) == 101


def test_a_job_that_hardly_moves_is_heard_of_every_five_minutes(clock, job):
    with redirect_stderr(job), Progress("work", 1000) as count:
        for _ in range(6):
            clock(150)
            count(1)
    assert len(lines(job.terminal)) == 3


def test_short_work_is_one_line_of_its_own_unit(clock, capsys):
    with Progress("train", 3, unit="epochs") as count:
        count(1)
        count(2)
    assert capsys.readouterr().err == "train: 3 of 3 epochs, 0.0 s\n"


def test_an_error_passes_through_and_the_line_says_stopped(clock, job):
    with pytest.raises(KeyError), redirect_stderr(job), Progress("work", 5) as count:
        count(2)
        raise KeyError
    assert lines(job.terminal) == []
    assert lines(job.log) == ["work: 2 of 5 frames, stopped"]
