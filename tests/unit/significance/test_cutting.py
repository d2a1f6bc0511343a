"""What the placebo test compares: statistics, and cutting at equal size of edit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zollstock.significance.cutting import PLACEBO_STATISTICS, cut_at_size, cut_statistic

from zollstock.errors import ZollstockError

NAN = np.nan


def test_statistics_of_known_series():
    p = np.array([[0.1, 0.5, 0.2], [0.4, 0.1, NAN], [0.3, 0.3, 0.3], [0.2, NAN, NAN]])
    np.testing.assert_allclose(PLACEBO_STATISTICS["net"](p), [0.1, 0.3, 0.0, NAN])
    np.testing.assert_allclose(PLACEBO_STATISTICS["range"](p), [0.4, 0.3, 0.0, NAN])


@pytest.mark.parametrize("name", PLACEBO_STATISTICS)
def test_missing_inside_is_missing(name):
    p = np.array([[0.1, NAN, 0.2], [NAN, 0.1, 0.2], [NAN, NAN, NAN], [0.1, 0.2, np.inf]])
    result = PLACEBO_STATISTICS[name](p)
    assert np.isnan(result[:3]).all()
    np.testing.assert_allclose(result[3], 0.1)  # infinity is no prediction either


@pytest.mark.parametrize("name", PLACEBO_STATISTICS)
def test_triangle_inequality(rng, name):
    """What the minimum-effect test stands on."""
    one, other = rng.normal(size=(2, 500, 9))
    statistic = PLACEBO_STATISTICS[name]
    assert (statistic(one + other) <= statistic(one) + statistic(other) + 1e-12).all()


def test_cut_interpolates():
    series, reached = cut_at_size([0.0, 0.2, 0.6], [0.0, 1.0, 3.0], 2.0)
    np.testing.assert_allclose(series, [0.0, 0.2, 0.4])
    assert reached == 2.0


def test_cut_takes_the_running_maximum():
    series, reached = cut_at_size([0.0, 0.2, 0.5, 0.6], [0.0, 2.0, 1.0, 4.0], 3.0)
    np.testing.assert_allclose(series, [0.0, 0.2, 0.5, 0.55])
    assert reached == 3.0


def test_path_that_ends_before():
    series, reached = cut_at_size([0.0, 0.2, NAN], [0.0, 1.5, NAN], 2.0)
    np.testing.assert_allclose(series, [0.0, 0.2])
    assert reached == 1.5


def test_cut_at_nothing_and_at_everything():
    assert cut_at_size([0.3, 0.9], [0.0, 1.0], 0.0)[0].tolist() == [0.3]
    assert cut_statistic([[0.3, 0.9]], [[0.0, 1.0]], 0.0, "net") == (np.zeros(1), np.zeros(1))
    values, reached = cut_statistic([[0.3, 0.9]], [[0.0, 1.0]], np.inf, "net")
    np.testing.assert_allclose([values[0], reached[0]], [0.6, 1.0])


def test_missing_numbers_matter_only_before_the_cut():
    size = np.array([[0.0, 1.0, 2.0, 3.0]] * 4)
    size[2, 1], size[3, 3] = NAN, NAN
    p = np.array([[0.0, NAN, 0.4, 0.6], [0.0, 0.2, 0.4, NAN], [0.0, 0.2, 0.4, 0.6], [0.1] * 4])
    values, reached = cut_statistic(p, size, 1.5, "net")
    np.testing.assert_allclose(values, [NAN, 0.3, NAN, 0.0], atol=1e-15)
    np.testing.assert_allclose(reached[[0, 1, 3]], 1.5)
    assert np.isnan(reached[2])


def test_cut_that_ends_in_a_missing_number():
    """The point at the limit cannot be made, and the steps before are not the path."""
    p, size = [0.0, 0.2, NAN, 0.4], [0.0, 1.0, 2.0, 3.0]
    assert np.isnan(cut_statistic([p], [size], 1.5, "net")[0]).all()
    assert np.isnan(cut_at_size(p, size, 1.5)[0]).all()


def test_no_cut_without_a_limit_or_a_path():
    assert np.isnan(cut_statistic([[0.1, 0.2]], [[0.0, 1.0]], NAN, "net")).all()
    assert np.isnan(cut_statistic([[NAN, NAN]], [[0.0, 1.0]], 1.0, "range")).all()
    assert np.isnan(cut_statistic([[0.5, NAN]], [[0.0, NAN]], 1.0, "range")[0]).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.floats(0.0, 4.0))
def test_batch_equals_one_path_at_a_time(seed, steps, limit):
    rng = np.random.default_rng(seed)
    p, size = rng.random((6, steps)), np.abs(rng.normal(size=(6, steps))).cumsum(axis=1)
    size[:, 0] = 0
    size[1, steps // 2 :] = size[1, 0]  # turns back
    p[2, -1], size[2, -1] = NAN, NAN
    for name, statistic in PLACEBO_STATISTICS.items():
        values, reached = cut_statistic(p, size, limit, name)
        for row in range(6):
            series, at = cut_at_size(p[row], size[row], limit)
            assert at == reached[row] <= max(limit, 0)
            ends = len(series) == 1 and at >= limit
            expected = 0.0 if ends else statistic(series[None])[0]
            np.testing.assert_allclose(values[row], expected)


def test_wrong_arguments_name_the_fix():
    with pytest.raises(ZollstockError, match="net, range"):
        cut_statistic([[0.1, 0.2]], [[0.0, 1.0]], 1.0, "variation")
    with pytest.raises(ZollstockError, match="equal shapes"):
        cut_at_size([0.1, 0.2], [0.0], 1.0)
