"""The two-stage bootstrap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zollstock.errors import ZollstockError
from zollstock.seeds import rng_for
from zollstock.significance import intervals
from zollstock.significance.intervals import hierarchical_bootstrap

NAN = np.nan


def test_one_replicate_is_the_plain_bootstrap(rng):
    values = rng.random(12)
    names = [f"image{i:02d}" for i in range(12)]
    ours = hierarchical_bootstrap(values, names, 7, "fur", "model")
    draws = rng_for("bootstrap", 7, "fur", "model").integers(12, size=(2000, 12))
    plain = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
    np.testing.assert_allclose(ours, plain, rtol=1e-12)
    assert ours != hierarchical_bootstrap(values, names, 8, "fur", "model")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_rows_in_any_order_and_chunks(seed):
    rng = np.random.default_rng(seed)
    values, names = rng.random(25), rng.integers(0, 6, 25)
    order = rng.permutation(25)
    whole = hierarchical_bootstrap(values, names, 1, draws=200)
    assert whole == hierarchical_bootstrap(values[order], names[order], 1, draws=200)
    padded = np.append(values, NAN), np.append(names, 99)
    assert whole == hierarchical_bootstrap(*padded, 1, draws=200)
    before, intervals._NUMBERS = intervals._NUMBERS, 64
    try:
        assert whole == hierarchical_bootstrap(values, names, 1, draws=200)
    finally:
        intervals._NUMBERS = before


def test_images_weigh_the_same():
    """Ninety replicates of one image do not outvote the other."""
    values, names = np.array([0.0] * 90 + [1.0]), np.array(["a"] * 90 + ["b"])
    low, high = hierarchical_bootstrap(values, names, 1)
    assert (low, high) == (0.0, 1.0)
    middle = hierarchical_bootstrap(values, names, 1, level=1e-9)
    assert middle[0] == middle[1] == 0.5


def test_too_few_images():
    assert np.isnan(hierarchical_bootstrap([0.1, 0.2], ["a", "a"], 1)).all()
    assert np.isnan(hierarchical_bootstrap([0.1, NAN], ["a", "b"], 1)).all()
    assert np.isnan(hierarchical_bootstrap([], [], 1)).all()


def test_constant_values_have_no_width():
    assert hierarchical_bootstrap([0.5] * 6, list("aabbcc"), 1) == (0.5, 0.5)


def test_both_levels_of_scatter_enter():
    """With equal image means only the replicates scatter, and the interval still has width."""
    values = np.tile([-1.0, 1.0], 30)
    names = np.repeat(np.arange(30), 2)
    low, high = hierarchical_bootstrap(values, names, 1)
    # A mean of 2 of ±1 has variance 1/2, the mean of 30 such 1/60.
    assert (high - low) / 2 == pytest.approx(1.96 / np.sqrt(60), rel=0.12)


def test_coverage():
    rng = np.random.default_rng(16)
    names = np.repeat(np.arange(25), 3)
    covered = []
    for repeat in range(250):
        values = np.repeat(rng.normal(size=25), 3) + rng.normal(size=75)
        low, high = hierarchical_bootstrap(values, names, repeat, draws=300)
        covered.append(low <= 0 <= high)
    assert 0.92 < np.mean(covered) <= 1


def test_shapes_are_checked():
    with pytest.raises(ZollstockError, match="image of every value"):
        hierarchical_bootstrap([0.1, 0.2], ["a"], 1)
