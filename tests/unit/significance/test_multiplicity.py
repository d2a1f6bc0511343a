"""Adjusted and combined p-values."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from zollstock.errors import ZollstockError
from zollstock.significance.multiplicity import combine_images, q_values

NAN = np.nan
P = st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=20)


def literal_bh(p, factor=1.0):
    p = np.asarray(p)
    order = np.argsort(p)
    adjusted = factor * p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(1, np.minimum.accumulate(adjusted[::-1])[::-1])
    return q


@settings(max_examples=60, deadline=None)
@given(P, st.randoms())
def test_q_values(p, random):
    np.testing.assert_allclose(q_values(p), literal_bh(p), rtol=1e-12)
    harmonic = np.sum(1 / np.arange(1, len(p) + 1))
    np.testing.assert_allclose(q_values(p, "by"), literal_bh(p, harmonic), rtol=1e-12)
    shuffled = list(range(len(p)))
    random.shuffle(shuffled)
    np.testing.assert_array_equal(q_values(np.array(p)[shuffled]), q_values(p)[shuffled])
    padded = q_values([NAN, *p, NAN])
    np.testing.assert_array_equal(padded[1:-1], q_values(p))
    assert np.isnan(padded[[0, -1]]).all()


def test_nothing_to_adjust():
    assert q_values([]).shape == (0,)
    assert np.isnan(q_values([NAN, NAN])).all()


@settings(max_examples=60, deadline=None)
@given(P, st.sampled_from(["fisher", "geometric"]))
def test_combined_is_a_p_of_any_order(p, method):
    result = combine_images(p, method)
    assert 0 < result <= 1
    assert combine_images(p[::-1], method) == result
    assert combine_images([NAN, *p], method) == result


def test_known_values():
    p = [0.01, 0.2, 0.5]
    assert combine_images(p) == pytest.approx(chi2.sf(-2 * np.log(p).sum(), 6))
    assert combine_images(p, "geometric") == pytest.approx(np.e * 0.1)
    assert combine_images([0.3]) == combine_images([0.3], "geometric") == 0.3
    assert np.isnan(combine_images([NAN]))
    assert combine_images([1.0, 1.0], "geometric") == 1.0
    assert combine_images([1e-300] * 4) > 0


@pytest.mark.parametrize("method", ["fisher", "geometric"])
@pytest.mark.parametrize(("images", "k"), [(2, 9), (3, 4), (4, 3)])
def test_valid_for_coarse_p_values(images, k, method):
    """All combinations of Monte-Carlo p-values of independent images, each equally likely."""
    grid = np.arange(1, k + 2) / (k + 1)
    combined = np.array([combine_images(p, method) for p in product(grid, repeat=images)])
    for u in np.unique(combined):
        assert (combined <= u).mean() <= u + 1e-9


def test_geometric_survives_dependence_that_breaks_fisher():
    """Images that share one p: Fisher counts it many times."""
    p = np.arange(1, 201) / 200
    shared = np.tile(p[:, None], (1, 5))
    fisher = np.array([combine_images(row, "fisher") for row in shared])
    geometric = np.array([combine_images(row, "geometric") for row in shared])
    assert (fisher <= 0.05).mean() > 0.1
    assert (geometric <= 0.05).mean() <= 0.05


def test_geometric_survives_opposed_images():
    """Two p on a curve chosen so that their geometric mean is as small as it can be."""
    u = (np.arange(4_000) + 0.5) / 4_000
    level = 0.2
    other = np.where(u <= level, level - u, u)  # uniform again, small where u is large
    combined = np.minimum(1, np.e * np.sqrt(u * np.maximum(other, 1e-9)))
    direct = [combine_images([a, max(b, 1e-9)], "geometric") for a, b in zip(u, other, strict=True)]
    np.testing.assert_allclose(direct[:50], combined[:50])
    assert (np.array(direct) <= level).mean() <= level


def test_wrong_arguments_name_the_fix():
    for call in (q_values, combine_images):
        for p in ([0.0, 0.5], [1.2], [[0.5]]):
            with pytest.raises(ZollstockError, match="never 0"):
                call(p)
        with pytest.raises(ZollstockError, match="method"):
            call([0.5], "bonferroni")
