"""The placebo test: validity, ties, pooling."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zollstock.errors import ZollstockError
from zollstock.significance import placebo
from zollstock.significance.placebo import placebo_p, pooled_p, resolution

NAN = np.nan


def literal_p(target, placebos):
    made = [x for x in placebos if np.isfinite(x)]
    return (1 + sum(x >= target for x in made)) / (1 + len(made))


@pytest.mark.parametrize("ties", [False, True])
def test_every_order_of_exchangeable_values(ties):
    """All ways to pick the target from six values: P(p ≤ u) ≤ u, with equality without ties."""
    values = np.array([0.0, 0.1, 0.2, 0.2, 0.2, 0.5]) if ties else np.arange(6) / 10
    orders = np.array(list(permutations(values)))
    p = placebo_p(orders[:, 0], orders[:, 1:])
    for u in np.unique(p):
        share = (p <= u).mean()
        assert share <= u + 1e-12
        assert ties or share == pytest.approx(u)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_definition_range_and_rows(seed, k):
    rng = np.random.default_rng(seed)
    target, placebos = rng.integers(0, 5, 30) / 7, rng.integers(0, 5, (30, k)) / 7
    placebos[rng.random((30, k)) < 0.3] = NAN
    target[:2] = NAN
    p = placebo_p(target, placebos)
    known = np.isfinite(target) & np.isfinite(placebos).any(axis=1)
    assert (np.isfinite(p) == known).all()
    assert ((p[known] > 0) & (p[known] <= 1)).all()
    for row in np.flatnonzero(known):
        assert p[row] == literal_p(target[row], placebos[row])
    order = rng.permutation(30)
    np.testing.assert_array_equal(placebo_p(target[order], placebos[order]), p[order])
    np.testing.assert_array_equal(placebo_p(target[:3], placebos[:3]), p[:3])


def test_ties_within_rounding_count():
    # 0.1 + 0.2 is a hair above 0.3.
    assert placebo_p([0.1 + 0.2], [[0.3, 0.0]])[0] == 2 / 3


def test_constant_series_is_never_significant():
    assert placebo_p([0.0], [[0.0, 0.0, 0.1]])[0] == 1.0


def test_no_placebos_no_p():
    assert np.isnan(placebo_p([0.1], np.empty((1, 0)))).all()
    assert placebo_p([], np.empty((0, 4))).shape == (0,)


def test_blocks_do_not_matter(rng, monkeypatch):
    target, placebos = rng.random(50), rng.random((50, 9))
    strata = rng.integers(0, 3, 50)
    before = placebo_p(target, placebos), *pooled_p(target, placebos, strata)
    monkeypatch.setattr(placebo, "ROWS", 7)
    after = placebo_p(target, placebos), *pooled_p(target, placebos, strata)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_pooled_definition_and_rows(seed, kinds):
    rng = np.random.default_rng(seed)
    target, placebos = rng.integers(0, 9, 25) / 7, rng.integers(0, 9, (25, 4)) / 7
    placebos[rng.random((25, 4)) < 0.3] = NAN
    target[0] = NAN
    strata = np.array(list("abcde"), dtype=object)[rng.integers(0, kinds, 25)]
    p, k = pooled_p(target, placebos, strata)
    for row in range(25):
        pool = placebos[strata == strata[row]].ravel()
        assert k[row] == np.isfinite(pool).sum()
        expected = literal_p(target[row], pool) if row and k[row] else NAN
        np.testing.assert_equal(p[row], expected)
    order = rng.permutation(25)
    again = pooled_p(target[order], placebos[order], strata[order])
    np.testing.assert_array_equal(again[0], p[order])
    np.testing.assert_array_equal(again[1], k[order])


def test_own_stratum_is_the_plain_test(rng):
    target, placebos = rng.random(12), rng.random((12, 5))
    p, k = pooled_p(target, placebos, np.arange(12))
    np.testing.assert_array_equal(p, placebo_p(target, placebos))
    assert (k == 5).all()


def test_missing_stratum_compares_with_nothing():
    p, k = pooled_p([0.1, 0.2, 0.3], [[0.5], [0.5], [0.5]], np.array(["a", None, NAN], object))
    np.testing.assert_array_equal(k, [1, 0, 0])
    assert p[0] == 1 and np.isnan(p[1:]).all()


def test_pooled_level_where_images_react_alike():
    """20 images share 19 placebos each: mean rejection at .05 over 400 repeats."""
    draws = np.random.default_rng(5).normal(size=(400, 20, 20))
    rejected = [
        (pooled_p(batch[:, 0], batch[:, 1:], np.zeros(20))[0] <= 0.05).mean() for batch in draws
    ]
    assert 0.04 < np.mean(rejected) < 0.06


def test_resolution(rng):
    assert resolution(19) == pytest.approx(0.05)
    target, placebos = [9.0], rng.random((1, 7))
    assert placebo_p(target, placebos)[0] == resolution(7)


def test_wrong_shapes_name_the_fix():
    with pytest.raises(ZollstockError, match=r"\(N, K\)"):
        placebo_p([0.1, 0.2], [0.1, 0.2])
    with pytest.raises(ZollstockError, match="stratum"):
        pooled_p([0.1], [[0.2]], ["a", "b"])
