from itertools import permutations as all_orders

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.scoring.moments import edge_weights, null_moments

PLAIN = {
    "paper_grad": lambda p: np.abs(np.gradient(p, axis=-1)).mean(axis=-1),
    "epgm": lambda p: np.abs(np.diff(p, axis=-1)).sum(axis=-1),
}


def brute_force(p, statistic):
    scores = PLAIN[statistic](np.array(list(all_orders(p))))
    return scores.mean(), scores.var()


@pytest.mark.parametrize("steps", [2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("kind", ["random", "binary", "spike", "offset", "ties"])
@pytest.mark.parametrize("statistic", PLAIN)
def test_equals_all_orders(rng, steps, kind, statistic):
    p = {
        "random": rng.random(steps),
        "binary": np.arange(steps) % 2.0,
        "spike": np.eye(steps)[0],
        "offset": 0.5 + 1e-3 * rng.random(steps),
        "ties": rng.integers(0, 3, steps) / 4,
    }[kind]
    mean, variance = null_moments(p, statistic)
    expected_mean, expected_variance = brute_force(p, statistic)
    assert mean == pytest.approx(expected_mean, rel=1e-12, abs=1e-15)
    assert variance == pytest.approx(expected_variance, rel=1e-12, abs=1e-30)


@pytest.mark.parametrize("steps", [2, 3, 4, 5, 50])
@pytest.mark.parametrize("statistic", PLAIN)
def test_edge_weights_add_up(steps, statistic):
    total, same, adjacent, apart = edge_weights(steps, statistic)
    assert total == (steps - 1 if statistic == "epgm" else 2 + (steps - 2) / 2)
    assert same + adjacent + apart == pytest.approx(total**2)
    assert min(same, adjacent) >= 0
    assert apart == pytest.approx(0, abs=1e-12) if steps < 4 else apart > 0


def test_ramp_in_closed_form():
    # The mean distance of two of 0, …, S - 1 is (S + 1) / 3.
    steps = 100
    mean, _ = null_moments(np.arange(steps) / (steps - 1))
    assert mean == pytest.approx((2 + 98 / 2) / steps * (steps + 1) / 3 / 99, rel=1e-14)
    mean, _ = null_moments(np.arange(steps) / (steps - 1), "epgm")
    assert mean == pytest.approx((steps + 1) / 3, rel=1e-14)


@pytest.mark.parametrize("statistic", PLAIN)
def test_agrees_with_sampling(rng, statistic):
    p = rng.random(100)
    mean, variance = null_moments(p, statistic)
    scores = PLAIN[statistic](rng.permuted(np.tile(p, (20_000, 1)), axis=1))
    assert abs(scores.mean() - mean) < 4 * np.sqrt(variance / 20_000)
    assert scores.var() == pytest.approx(variance, rel=0.05)


def test_no_digits_are_lost_on_a_large_offset(rng):
    p = rng.integers(0, 2**20, 100) / 2**20
    small, large = null_moments(p), null_moments(p + 2**20)  # both exactly representable
    np.testing.assert_allclose(large, small, rtol=1e-12)


def test_variance_is_zero_exactly_where_order_does_not_matter():
    assert null_moments(np.full(100, 0.1)) == (0, 0)
    assert null_moments([0.2, 0.7])[1] == null_moments([0.2, 0.7], "epgm")[1] == 0
    assert null_moments(np.eye(1000)[500])[1] > 0


def test_batch_equals_single_and_nan_stays_in_its_row(rng):
    batch = rng.random((700, 20))
    batch[3, 5] = np.nan
    batch[400, 0] = np.inf
    mean, variance = null_moments(batch)
    assert np.flatnonzero(np.isnan(mean)).tolist() == [3, 400]
    assert np.flatnonzero(np.isnan(variance)).tolist() == [3, 400]
    for n in (0, 4, 299, 699):
        assert null_moments(batch[n]) == (mean[n], variance[n])
    assert null_moments(np.empty((0, 5)))[0].shape == (0,)


def test_one_step_is_refused():
    with pytest.raises(ZollstockError):
        null_moments([0.5])


def test_other_statistics_have_no_closed_form():
    with pytest.raises(ZollstockError, match="one of paper_grad, epgm"):
        null_moments([0.5, 0.6], "corr")
