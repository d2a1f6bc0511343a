"""The shape of a series: tails, ranks."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from zollstock.ledger.series import covered_share, flat_tails, value_range
from zollstock.ranks import spearman


@pytest.mark.parametrize("seed", range(5))
def test_spearman_is_scipys_with_ties(seed):
    rng = np.random.default_rng(seed)
    axis = np.sort(rng.normal(size=12))
    values = rng.integers(0, 5, 12).astype(float) + axis
    assert spearman(axis, values) == pytest.approx(spearmanr(axis, values).statistic)
    values = np.round(values)
    assert spearman(axis, values) == pytest.approx(spearmanr(axis, values).statistic)


def test_what_does_not_vary_has_no_rank_correlation():
    axis = np.arange(5.0)
    assert np.isnan(spearman(axis, np.ones(5)))
    assert np.isnan(spearman(axis[:2], axis[:2]))
    assert np.isnan(value_range(np.empty(0)))


@pytest.mark.parametrize(
    ("values", "covered"),
    [
        ([0, 1], 1),
        ([-3, 4], 1),
        ([0.2, 0.7], 0.5),
        ([0.7, 0.2], 0.5),
        ([0.8, 1.5], 0.2),
        ([2, 3], 0),
        ([0.4, 0.4], 0),
    ],
)
def test_covered_is_the_common_part_of_both_ranges(values, covered):
    truth = np.array([0, 0.3, np.nan, 1.0])
    assert covered_share(np.array(values, dtype=float), truth) == pytest.approx(covered)


def test_a_truth_that_does_not_move_covers_nothing():
    assert np.isnan(covered_share(np.array([0.0, 1.0]), np.ones(3)))
    assert np.isnan(covered_share(np.array([0.0, 1.0]), np.empty(0)))


def test_a_ramp_has_no_tail():
    axis = np.linspace(0, 1, 11)
    for values in (axis, -axis, axis**2):
        share, moving = flat_tails(axis, values, 0)
        assert share == 0
        assert moving.tolist() == list(range(11))


def test_the_tail_starts_where_the_end_is_first_reached_for_good():
    axis = np.array([0, 0.1, 0.2, 0.3, 0.7, 1.0])
    # 0.2 is at the end value, but left again.
    share, moving = flat_tails(axis, np.array([0, 1, 0.5, 1, 0.99, 1.01]), 0)
    assert share == pytest.approx(0.7)
    assert moving.tolist() == [0, 1, 2, 3]


def test_within_two_percent_of_the_range_counts_as_the_end():
    axis = np.arange(4.0)
    assert flat_tails(axis, np.array([0, 50, 98, 100.0]), 0)[0] == pytest.approx(1 / 3)
    assert flat_tails(axis, np.array([0, 50, 97, 100.0]), 0)[0] == 0


def test_both_sides_of_a_two_sided_axis_are_measured_by_their_own_length():
    axis = np.array([-4, -3, -2, -1, 0, 0.5, 1.0])
    values = np.array([-2, -2, -2, -1, 0, 0.5, 1.0])
    share, moving = flat_tails(axis, values, 4)
    assert share == pytest.approx(0.5)
    assert moving.tolist() == [2, 3, 4, 5, 6]
    one_way = np.array([0, 0, 0, 0, 0, 0.5, 1.0])
    assert flat_tails(axis, one_way, 4)[0] == 1


def test_a_falling_axis_is_measured_from_its_zero():
    axis = np.linspace(1, 0, 11)
    values = np.minimum(axis, 0.3)  # from 0 at the last step to its end at 0.3
    assert flat_tails(axis, values, 10)[0] == pytest.approx(0.7)


def test_a_constant_series_is_all_tail():
    share, moving = flat_tails(np.arange(4.0), np.ones(4), 0)
    assert (share, moving.tolist()) == (1, [0])
    share, moving = flat_tails(np.zeros(1), np.ones(1), 0)
    assert np.isnan(share)
