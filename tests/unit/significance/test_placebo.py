"""The placebo test: validity, ties, pooling."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zollstock.errors import ZollstockError
from zollstock.significance import placebo
from zollstock.significance.placebo import placebo_p, resolution

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
    before = placebo_p(target, placebos)
    monkeypatch.setattr(placebo, "ROWS", 7)
    np.testing.assert_array_equal(before, placebo_p(target, placebos))


def test_resolution(rng):
    assert resolution(19) == pytest.approx(0.05)
    target, placebos = [9.0], rng.random((1, 7))
    assert placebo_p(target, placebos)[0] == resolution(7)


def test_wrong_shapes_name_the_fix():
    with pytest.raises(ZollstockError, match=r"\(N, K\)"):
        placebo_p([0.1, 0.2], [0.1, 0.2])
