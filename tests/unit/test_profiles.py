"""How far an edit goes, and what is as far."""

import numpy as np
import pytest

from zollstock.profiles import (
    ROUNDING,
    Point,
    compared_steps,
    mismatch,
    nearest,
    profile_of,
    profiles_of,
    reference_step,
    slack_of,
)


@pytest.mark.parametrize(
    ("steps", "most", "expected"),
    [(17, 5, [0, 4, 8, 12, 16]), (32, 3, [0, 16, 31]), (4, 5, [0, 1, 2, 3]), (2, 2, [0, 1])],
)
def test_compared_steps_are_spread_from_end_to_end(steps, most, expected):
    assert compared_steps(steps, most).tolist() == expected


def test_a_profile_runs_both_ways_from_the_reference():
    changes = np.array([0.2, 0.1, 0.0, 0.05, 0.3])
    assert reference_step(changes) == 2
    assert profile_of(changes, 3) == [Point(-1, 0.2), Point(0, 0.0), Point(1, 0.3)]
    # The picture lies between two steps: the nearer one is behind no other.
    assert profile_of([0.2, 0.01, 0.03], 3) == [Point(-1, 0.2), Point(0, 0.01), Point(1, 0.03)]


def test_of_replicates_the_largest_counts():
    assert profile_of([[0.0, 0.1], [0.0, 0.2]], 2) == [Point(0, 0.0), Point(1, 0.2)]
    changes = {("a", 0): np.array([0, 0.1]), ("a", 1): np.array([0, 0.2]), ("b", 0): np.zeros(3)}
    found = profiles_of(changes, ["a", "b", "failed"], 5)
    assert found == {"a": [Point(0, 0.0), Point(1, 0.2)], "b": [Point(0, 0.0)] * 3}


def test_a_miss_is_a_factor_that_counts_twice_below_and_less_than_a_grey_level_is_none():
    slack = slack_of(0.1)
    assert slack == ROUNDING == 0.5 / 255
    np.testing.assert_allclose(mismatch([0.1, 0.2, 0.05, 0.08], 0.1, slack), [1, 2, 4, 1.5625])
    found = mismatch([0.0, 0.001, np.nan], [0.0, 0.0, 0.1], slack)
    np.testing.assert_array_equal(found, [1, 1, np.nan])
    assert mismatch([0.0], [0.1], slack)[0] == np.inf


def test_no_edit_however_small_is_equal_to_none():
    """A size is a mean: one pixel in a hundred, a fifth lighter, is half a grey level."""
    profile = [0.0, 0.0005, 0.001, 0.0015, 0.0019]
    slack = slack_of(profile)
    assert slack < ROUNDING
    assert mismatch(np.zeros(5), profile, slack).max() == np.inf
    # A placebo of four fifths is let pass by a tolerance of a half, and by none of a fifth.
    assert 1.2 < mismatch(0.8 * np.array(profile), profile, slack)[-1] < 1.6
    # What is beside the reference may be off by a twentieth of the whole.
    assert mismatch([0.0], [0.00009], slack)[0] == 1
    assert mismatch([0.0], [0.0002], slack)[0] == np.inf
    assert slack_of([0.0, 0.0]) == 0 and mismatch([0.0], [0.0], 0.0)[0] == 1


def test_of_equally_near_sizes_the_larger_is_taken():
    assert nearest([0.05, 0.4, 0.01], 0.1, 0.001) == 1
    assert nearest([0.05, 0.41, 0.01], 0.1, 0.001) == 0
    assert nearest([0.0, 0.09, 0.3], 0.1, 0.001) == 1
