"""What is compared with placebos."""

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.significance.compared import PLACEBO_STATISTICS, compared_statistic, moved, thinned

NAN = float("nan")


def value(name, p, reference):
    return float(compared_statistic(name)(np.array([p]), np.array([reference]))[0])


def test_net_is_from_end_to_end_and_range_knows_the_reference():
    assert value("net", [0.2, 0.9, 0.5], 0.0) == pytest.approx(0.3)
    assert value("range", [0.2, 0.9, 0.5], 0.5) == pytest.approx(0.7)
    assert value("range", [0.2, 0.9, 0.5], 0.0) == pytest.approx(0.9)
    assert value("range", [0.2, 0.9, NAN], 0.5) == pytest.approx(0.7)  # unused at the end


def test_smooth_sees_drifts_and_turns_and_no_level():
    x = np.linspace(-1, 1, 9)
    assert value("smooth", x, 0.0) == pytest.approx(np.sqrt((x**2).mean()))
    assert value("smooth", x**2 + 5, 0.0) == pytest.approx(np.std(x**2))
    assert value("smooth", np.full(9, 0.3), 0.3) == pytest.approx(0, abs=1e-12)
    # What turns at every step is jitter.
    assert value("smooth", (-1.0) ** np.arange(9), 0.0) < 0.5
    assert value("smooth", [0.0, 1.0], 0.0) == pytest.approx(0.5)


@pytest.mark.parametrize("name", PLACEBO_STATISTICS)
@pytest.mark.parametrize("p", [[0.1], [0.1, NAN, 0.2], [NAN, NAN], [0.1, np.inf, NAN]])
def test_a_missing_number_or_too_few_give_none(name, p):
    assert np.isnan(value(name, p, 0.1))
    assert np.isnan(value(name, [0.1, 0.2], NAN))


def test_paths_are_thinned_at_the_steps_they_use():
    series = np.array([[0, 1, 2, 3, 4.0], [0, 1, 2, 9, 9]])
    axis = np.array([[0, 1, 2, 3, 4.0], [0, 1, 2, NAN, NAN]])
    np.testing.assert_array_equal(thinned(series, axis, 3), [[0, 2, 4], [0, 1, 2]])
    assert thinned(series, np.full((2, 5), NAN), 3).shape == (2, 3)


@pytest.mark.parametrize("name", PLACEBO_STATISTICS)
def test_a_statistic_does_not_grow_with_the_steps_of_the_edit(name):
    """Pure jitter: an edit of 32 steps is thinned to what its placebos have."""
    rng = np.random.default_rng(3)
    target = moved(rng.normal(0, 0.02, (4000, 32)), name, 5)
    placebo = moved(rng.normal(0, 0.02, (4000, 5)), name, 5)
    assert np.median(target) == pytest.approx(np.median(placebo), rel=0.05)


def test_an_unknown_statistic_is_named():
    with pytest.raises(ZollstockError, match="jitter hides a drift"):
        compared_statistic("epgm")
