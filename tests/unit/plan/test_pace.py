"""How long a run still takes."""

from collections import Counter

import pytest

from zollstock.plan.pace import Pace, about, clock


def test_the_work_that_is_left_is_shared_by_the_jobs_that_ran_side_by_side(tmp_path):
    pace = Pace(tmp_path)
    for _ in range(4):
        pace.finished("infer", 10)
    pace.finished("score", 20)
    # 60 s of work in 30 s: two jobs at a time. To come: 2 × 10 + 20 + (10 − 4) s.
    left, enough = pace.left(Counter(infer=2, score=1), [("infer", 4.0)], elapsed=32.0)
    assert left == pytest.approx(46 / 2)
    assert enough


def test_a_job_that_takes_longer_than_usual_has_nothing_left(tmp_path):
    pace = Pace(tmp_path)
    pace.finished("infer", 10)
    assert pace.left(Counter(), [("infer", 50.0)], elapsed=60.0) == (0, True)


def test_where_many_rules_are_unknown_the_time_is_a_lower_bound(tmp_path):
    pace = Pace(tmp_path)
    pace.finished("infer", 10)
    assert pace.left(Counter(infer=2, score=1), [], elapsed=10) == (30, True)
    assert pace.left(Counter(infer=2, score=2), [], elapsed=10) == (20, False)
    assert pace.left(Counter(infer=1), [("score", 1.0), ("infer", 1.0)], elapsed=10)[1]
    assert pace.left(Counter(score=9), [("infer", 5.0)], elapsed=10) is None  # 5 s at least
    assert pace.left(Counter(score=2), [], elapsed=10) is None
    assert pace.left(Counter(), [], elapsed=10) is None


def test_earlier_runs_tell_how_long_a_rule_takes_until_this_one_does(tmp_path):
    for study, text in (("a", "s\th:m:s\n30.5\t0:00:30\n"), ("b", "s\tcut o")):
        file = tmp_path / study / "benchmarks/infer/fur/plain.tsv"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    pace = Pace(tmp_path)
    assert pace.left(Counter(infer=1), [], elapsed=1) == (30.5, True)
    pace.finished("infer", 2)
    assert pace.left(Counter(infer=1), [], elapsed=2) == (2, True)


def test_times_as_they_are_read():
    assert [clock(s) for s in (0, 59.9, 123, 3723)] == ["0:00", "0:59", "2:03", "1:02:03"]
    assert [about(s) for s in (0, 52, 130, 9000)] == [
        "about 10 s",
        "about 60 s",
        "about 2 min",
        "about 2.5 h",
    ]
    assert [about(s, enough=False) for s in (13, 59, 119, 7300)] == [
        "at least 10 s",
        "at least 50 s",
        "at least 1 min",
        "at least 2 h",
    ]
