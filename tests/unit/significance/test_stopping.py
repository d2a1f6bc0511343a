"""Early stopping while placebos are being made: as the sequential test counts."""

import numpy as np

from zollstock.significance.sequential import besag_clifford
from zollstock.significance.stopping import EarlyStop, Hypothesis

FRAMES = np.zeros((3, 2, 2, 3), np.uint8)


def test_stopping_counts_ties_as_the_test_does():
    value = 0.3
    tie = value * (1 - 1e-14)
    stop = EarlyStop(
        {"a": [Hypothesis(value, 0)]},
        lambda frames: np.array([0, tie / 2, tie, 0])[:, None],
        stop_after=1,
        statistic="net",
    )
    assert besag_clifford([value], [[tie]], 1).p == 1
    assert stop.needed("a") == 1
    stop.look("a", FRAMES, FRAMES[0])
    assert stop.needed("a") == 0


def test_an_image_without_a_hypothesis_needs_no_placebo():
    nothing = {"a": [Hypothesis(np.nan, 0)]}
    stop = EarlyStop(nothing, lambda frames: np.zeros((4, 1)), stop_after=2, statistic="net")
    assert stop.needed("a") == 0


def test_a_placebo_without_a_number_does_not_count():
    moves = iter([np.nan, 0.5])
    stop = EarlyStop(
        {"a": [Hypothesis(0.3, 0)]},
        lambda frames: np.array([0, 0.5, 1, 0])[:, None] * next(moves),
        stop_after=1,
        statistic="net",
    )
    stop.look("a", FRAMES, FRAMES[0])
    assert stop.needed("a") == 1
    stop.look("a", FRAMES, FRAMES[0])
    assert stop.needed("a") == 0


def test_as_many_are_asked_for_as_the_hypothesis_that_is_farthest_from_its_end_needs():
    stop = EarlyStop(
        {"a": [Hypothesis(0.3, 0), Hypothesis(0.9, 0)]},
        lambda frames: np.array([0, 0.2, 0.5, 0])[:, None],
        stop_after=3,
        statistic="net",
    )
    assert stop.needed("a") == 3
    for _ in range(4):
        stop.look("a", FRAMES, FRAMES[0])
        assert stop.needed("a") == 3  # the second one was never reached
