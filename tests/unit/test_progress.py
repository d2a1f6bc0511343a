"""Progress in a log."""

import pytest

from zollstock import progress
from zollstock.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the test moves on."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])

    def wait(seconds):
        now[0] += seconds

    return wait


def test_without_a_terminal_a_line_comes_every_ten_seconds_and_at_the_end(clock, capsys):
    with Progress("work", 100) as count:
        for _ in range(4):
            clock(6)
            count(10)
    assert capsys.readouterr().err.splitlines() == [
        "work: 20 of 100 frames, 2 frames/s, 48 s left",
        "work: 40 of 100 frames, 2 frames/s, 36 s left",
        "work: 40 of 100 frames, 24.0 s",
    ]


def test_short_work_writes_one_line_in_its_own_unit(clock, capsys):
    with Progress("train", 3, unit="epochs") as count:
        count(1)
        count(2)
    assert capsys.readouterr().err == "train: 3 of 3 epochs, 0.0 s\n"


def test_an_error_passes_through_and_the_line_says_stopped(clock, capsys):
    with pytest.raises(KeyError), Progress("work", 5) as count:
        count(2)
        raise KeyError
    assert capsys.readouterr().err == "work: 2 of 5 frames, stopped\n"


def test_on_a_terminal_a_bar_is_drawn_and_counts(monkeypatch, capsys):
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    with Progress("work", 5) as count:
        count(5)
        assert count._bar.finished
    assert "work: 5 of 5 frames" in capsys.readouterr().err
