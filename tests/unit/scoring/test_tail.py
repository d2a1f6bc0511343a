from itertools import combinations
from itertools import permutations as all_orders

import numpy as np
import pytest
from scipy.stats import pearson3

from zollstock.errors import ZollstockError
from zollstock.scoring.moments import edge_weights
from zollstock.scoring.shuffle import shuffle_test
from zollstock.scoring.tail import edge_triples, null_skewness, pearson3_tails, tail_test

PLAIN = {
    "paper_grad": lambda p: np.abs(np.gradient(p, axis=-1)).mean(axis=-1),
    "epgm": lambda p: np.abs(np.diff(p, axis=-1)).sum(axis=-1),
}


def skew(values):
    away = values - values.mean()
    return (away**3).mean() / values.std() ** 3


@pytest.mark.parametrize("steps", [3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("kind", ["random", "spike", "offset", "ties", "ramp"])
@pytest.mark.parametrize("statistic", PLAIN)
def test_skewness_equals_all_orders(rng, steps, kind, statistic):
    p = {
        "random": rng.random(steps),
        "spike": np.eye(steps)[0],
        "offset": 0.5 + 1e-3 * rng.random(steps),
        "ties": np.r_[0, 0.5, rng.integers(0, 3, steps - 2) / 4],
        "ramp": np.linspace(0, 1e-9, steps),
    }[kind]
    scores = PLAIN[statistic](np.array(list(all_orders(p))))
    expected = skew(scores) if np.ptp(scores) > 1e-12 * scores.max() else 0
    assert null_skewness(p, statistic) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("statistic", PLAIN)
def test_skewness_agrees_with_sampling(rng, statistic):
    p = (np.arange(40) > 35) + 0.1 * rng.random(40)
    number = 40_000
    scores = PLAIN[statistic](rng.permuted(np.tile(p, (number, 1)), axis=1))
    assert null_skewness(p, statistic) == pytest.approx(skew(scores), abs=5 * np.sqrt(6 / number))
    assert abs(null_skewness(p, statistic)) > 0.5


@pytest.mark.parametrize("steps", [2, 3, 4, 5, 6, 9])
@pytest.mark.parametrize("statistic", PLAIN)
def test_triples_of_edges_are_counted_right(steps, statistic):
    edges = [(i, i + 1, 1.0) for i in range(steps - 1)]
    if statistic == "paper_grad":
        edges = [(0, 1, 1.0), (steps - 2, steps - 1, 1.0)]
        edges += [(i - 1, i + 1, 0.5) for i in range(1, steps - 1)]
        if steps == 2:
            edges = [(0, 1, 2.0)]
    counts = np.zeros(7)
    for _, _, w in edges:
        counts[0] += w**3
    for e, f in combinations(edges, 2):
        meet = len({*e[:2], *f[:2]}) == 3
        counts[1 if meet else 2] += 3 * e[2] * f[2] * (e[2] + f[2])
    for triple in combinations(edges, 3):
        nodes = len({node for edge in triple for node in edge[:2]})
        place = {3: 3, 4: 4, 5: 5, 6: 6}[nodes]
        counts[place] += 6 * np.prod([edge[2] for edge in triple])
    found = edge_triples(steps, statistic)
    np.testing.assert_allclose(found, counts, atol=1e-9)
    assert sum(found) == pytest.approx(edge_weights(steps, statistic)[0] ** 3)


@pytest.mark.parametrize("skewness", [-1.5, -0.2, 1e-3, 0.0, 0.2, 1.5])
def test_tails_of_the_curve_equal_scipys(skewness):
    z = np.array([-6.0, -2, -0.5, 0, 0.5, 2, 6])
    curve = pearson3(skewness)
    expected = curve.sf(np.abs(z)) + curve.cdf(-np.abs(z))
    np.testing.assert_allclose(
        pearson3_tails(z, np.full(7, skewness)), expected, rtol=1e-6, atol=1e-12
    )


@pytest.mark.parametrize("statistic", PLAIN)
def test_agrees_with_the_shuffle_test_where_that_can_count(rng, statistic):
    x = np.linspace(0, 1, 60)
    batch = np.stack([rng.permutation(1 / (1 + np.exp(-9 * (x - 0.5)))) for _ in range(12)])
    batch[:4] = np.sort(batch[:4], axis=1)[:, rng.permutation(60)]
    tail, counted = tail_test(batch, statistic), shuffle_test(batch, statistic, num=4000)
    # The curve is an approximation; over ten draws of the batch it was off by less than .06.
    np.testing.assert_allclose(tail.p_value, counted.p_value, atol=0.06)
    np.testing.assert_array_equal(tail.score, counted.score)
    np.testing.assert_allclose(tail.z, counted.z, rtol=1e-12)


@pytest.mark.parametrize("statistic", PLAIN)
def test_is_conservative_far_out_on_an_enumerated_curve(statistic):
    p = 1 / (1 + np.exp(-8 * np.linspace(-0.5, 0.5, 9)))
    scores = PLAIN[statistic](np.array(list(all_orders(p))))
    away = np.abs(scores - scores.mean())
    found = tail_test(p, statistic)
    exact = (away >= abs(found.score - scores.mean()) - 1e-12).mean()
    assert exact < 1e-3 and exact <= found.p_value < 300 * exact


def test_the_same_curve_is_rejected_harder_the_denser_it_is_sampled():
    found = [
        tail_test(1 / (1 + np.exp(-12 * np.linspace(-0.5, 0.5, steps)))) for steps in (7, 25, 100)
    ]
    assert [round(test.z, 1) for test in found] == [-2.3, -5.6, -12.4]
    assert found[0].p_value > 1e-3 > found[1].p_value > 1e-9 > found[2].p_value > 0


def test_p_is_never_below_the_share_of_an_order_and_its_reverse():
    # The curve alone would say .0116 for this ramp, but 2 of 120 orders score 1.
    found = tail_test(np.linspace(0, 1, 5), "epgm")
    assert pearson3_tails(np.array(found.z), np.array(found.skewness)) < 2 / 120
    assert found.p_value == pytest.approx(2 / 120, rel=1e-12)


def test_series_without_a_null(rng):
    for p in (np.full(9, 0.3), [0.2, 0.7]):
        found = tail_test(p, "epgm")
        assert (found.z, found.skewness, found.p_value) == (0, 0, 1)
    batch = rng.random((3, 9))
    batch[1, 4] = np.nan
    found = tail_test(batch)
    for field in (found.score, found.null_mean, found.skewness, found.z, found.p_value):
        assert np.flatnonzero(np.isnan(field)).tolist() == [1]
    alone = tail_test(batch[2])
    assert isinstance(alone.p_value, float)
    assert alone.p_value == pytest.approx(found.p_value[2], rel=1e-9)
    assert tail_test(np.empty((0, 5))).p_value.shape == (0,)


def test_other_statistics_have_no_closed_form():
    with pytest.raises(ZollstockError, match="one of paper_grad, epgm"):
        tail_test([0.5, 0.6, 0.1], "corr")
