"""Early stopping: exact validity by enumeration, agreement with the fixed test."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zollstock.errors import ZollstockError
from zollstock.significance import sequential
from zollstock.significance.placebo import placebo_p
from zollstock.significance.sequential import besag_clifford, betting, draws_needed, wealth

NAN = np.nan
FIELDS = ("p", "used", "exceed", "decided")


def assert_super_uniform(p, exact=False):
    for u in np.unique(p):
        share = (p <= u).mean()
        assert share <= u + 1e-12
        assert not exact or share == pytest.approx(u)


@pytest.mark.parametrize("stop_after", [1, 2, 3])
@pytest.mark.parametrize("ties", [False, True])
def test_besag_clifford_over_every_order(stop_after, ties):
    values = np.array([0.0, 0.1, 0.1, 0.3, 0.3, 0.3, 0.4]) if ties else np.arange(7) / 10
    orders = np.array(list(permutations(values)))
    result = besag_clifford(orders[:, 0], orders[:, 1:], stop_after)
    assert_super_uniform(result.p, exact=not ties)
    assert result.decided.all()


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("alpha", "c"), [(0.5, None), (0.5, 0.1), (0.4, 0.0)])
def test_betting_over_every_order(alpha, c, ties):
    values = np.array([0.0, 0.1, 0.1, 0.3, 0.3, 0.3, 0.4]) if ties else np.arange(7) / 10
    orders = np.array(list(permutations(values)))
    assert_super_uniform(betting(orders[:, 0], orders[:, 1:], alpha, c).p)


@pytest.mark.parametrize("c", [0.0, 0.01, 0.045, 0.5])
def test_wealth_is_a_test_martingale(c):
    k, b = (grid.ravel() for grid in np.meshgrid(np.arange(60), np.arange(60)))
    k, b = k[b <= k], b[b <= k]
    up = (b + 1) / (k + 2)
    after = up * wealth(k + 1, b + 1, c) + (1 - up) * wealth(k + 1, b, c)
    np.testing.assert_allclose(after, wealth(k, b, c), rtol=1e-9, atol=1e-14)
    assert wealth(0, 0, c) == 1 and (wealth(k, b, c) >= 0).all()
    assert (wealth(k + 1, b + 1, c) <= wealth(k + 1, b, c)).all()  # why ties may count


@pytest.mark.parametrize("c", [0.0, 0.02, 0.045])
@pytest.mark.parametrize("level", [0.05, 0.1, 0.2, 0.5])
def test_chance_of_ever_reaching_a_wealth(c, level):
    """Exact: P(wealth reaches 1/level within 300 draws) ≤ level, whenever one stops."""
    chance, crossed = np.array([1.0]), 0.0
    for k in range(300):
        b = np.arange(k + 1)
        up = (b + 1) / (k + 2)
        after = np.zeros(k + 2)
        after[:-1] += chance * (1 - up)
        after[1:] += chance * up
        over = wealth(np.full(k + 2, k + 1), np.arange(k + 2), c) >= 1 / level
        crossed += after[over].sum()
        chance = np.where(over, 0.0, after)
    assert crossed <= level + 1e-12
    assert c > level or crossed > 0.3 * level  # and not by never reaching it


def test_betting_simulated_with_greedy_stopping():
    """The smallest p over the whole walk, the worst a peeking user can do."""
    draws = np.random.default_rng(6).normal(size=(4000, 201))
    p = betting(draws[:, 0], draws[:, 1:]).p
    for u in (0.05, 0.1, 0.3):
        assert (p <= u).mean() <= u + 2.5 * np.sqrt(u * (1 - u) / 4000)


def test_besag_clifford_level_simulated():
    draws = np.random.default_rng(7).normal(size=(6000, 100))
    p = besag_clifford(draws[:, 0], draws[:, 1:], 10).p
    for u in (0.05, 0.1, 0.3):
        assert abs((p <= u).mean() - u) <= 3.5 * np.sqrt(u * (1 - u) / 6000)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 6))
def test_literal_walk(seed, columns, stop_after):
    rng = np.random.default_rng(seed)
    target, placebos = rng.integers(0, 6, 20) / 7, rng.integers(0, 6, (20, columns)) / 7
    placebos[rng.random((20, columns)) < 0.2] = NAN
    target[0] = NAN
    result = besag_clifford(target, placebos, stop_after)
    fixed = placebo_p(target, placebos)
    for row in range(20):
        k = b = 0
        for draw in placebos[row]:
            if np.isfinite(draw) and b < stop_after and row:
                k, b = k + 1, b + (draw >= target[row])
        assert (result.used[row], result.exceed[row]) == (k, b)
        if b >= stop_after:
            assert result.p[row] == b / k and result.decided[row]
        else:
            np.testing.assert_equal(result.p[row], fixed[row])
            assert result.decided[row] == (k == columns)
    order = rng.permutation(20)
    for form in (lambda t, x: besag_clifford(t, x, stop_after), lambda t, x: betting(t, x, 0.3)):
        one, other = form(target, placebos), form(target[order], placebos[order])
        for field in FIELDS:
            np.testing.assert_array_equal(getattr(one, field)[order], getattr(other, field))
        known = np.isfinite(one.p)
        assert ((one.p[known] > 0) & (one.p[known] <= 1)).all()


def test_betting_literal_walk(rng):
    target, placebos = rng.random(40) * 2, rng.random((40, 150))
    placebos[rng.random(placebos.shape) < 0.1] = NAN
    result = betting(target, placebos, 0.1, 0.09)
    for row in range(40):
        k, b, best, stopped = 0, 0, 1.0, False
        for draw in placebos[row][np.isfinite(placebos[row])]:
            k, b = k + 1, b + (draw >= target[row])
            worth = float(wealth(k, b, 0.09))
            best = max(best, worth)
            if worth >= 10 or worth < 0.1:
                stopped = True
                break
        assert (result.used[row], result.exceed[row], result.decided[row]) == (k, b, stopped)
        assert result.p[row] == 1 / best


def test_blocks_do_not_matter(rng, monkeypatch):
    target, placebos = rng.random(60), rng.random((60, 40))
    before = besag_clifford(target, placebos, 3), betting(target, placebos)
    monkeypatch.setattr(sequential, "ROWS", 3)
    monkeypatch.setattr(sequential, "_DRAWS", 5)
    after = besag_clifford(target, placebos, 3), betting(target, placebos)
    for one, other in zip(before, after, strict=True):
        for field in FIELDS:
            np.testing.assert_array_equal(getattr(one, field), getattr(other, field))


def test_fewest_draws_that_reject():
    for c, fewest in ((None, 50), (0.025, 27), (0.0, 19)):
        result = betting([1.0], np.zeros((1, 80)), 0.05, c)
        assert (result.used[0], result.decided[0]) == (fewest, True)
        assert result.p[0] <= 0.05


@pytest.mark.parametrize("columns", [0, 3])
def test_without_target_or_draws(columns):
    for result in (
        besag_clifford([NAN, 0.1], np.full((2, columns), NAN), 2),
        betting([NAN, 0.1], np.full((2, columns), NAN)),
    ):
        assert np.isnan(result.p).all() and not result.used.any() and not result.decided.any()


def test_constant_series_stops_at_once():
    result = besag_clifford([0.0], np.zeros((1, 50)), 4)
    assert (result.p[0], result.used[0]) == (1.0, 4)
    assert betting([0.0], np.zeros((1, 50))).p[0] == 1.0


@pytest.mark.parametrize("stop_after", [1, 3])
def test_one_draw_at_a_time_ends_at_the_same_place(rng, stop_after):
    target, pool = rng.random(15), rng.random((15, 12))
    target[3] = NAN
    so_far = np.empty((15, 0))
    for draw in range(12):
        wanted = draws_needed(target, so_far, stop_after)
        if not wanted.any():
            break
        so_far = np.column_stack([so_far, np.where(wanted, pool[:, draw], NAN)])
    whole = besag_clifford(target, pool, stop_after)
    made = np.isfinite(so_far).sum(axis=1)
    np.testing.assert_array_equal(made, whole.used)
    padded = np.column_stack([so_far, np.full((15, 12 - so_far.shape[1]), NAN)])
    again = besag_clifford(target, padded, stop_after)
    np.testing.assert_array_equal(again.p, whole.p)
    np.testing.assert_array_equal(again.decided, whole.decided)


def test_wrong_arguments_name_the_fix():
    with pytest.raises(ZollstockError, match="stop_after"):
        besag_clifford([0.1], [[0.2]], 0)
    with pytest.raises(ZollstockError, match="stop_after"):
        draws_needed([0.1], [[0.2]], 1.5)
    with pytest.raises(ZollstockError, match="alpha"):
        betting([0.1], [[0.2]], 1.0)
    with pytest.raises(ZollstockError, match="below alpha"):
        betting([0.1], [[0.2]], 0.05, 0.05)
