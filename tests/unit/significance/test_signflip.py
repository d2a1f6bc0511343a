"""Sign flips: exact enumeration, level and power on autocorrelated noise."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import linregress

from zollstock.errors import ZollstockError
from zollstock.significance import signflip
from zollstock.significance.signflip import sign_flip_p, slope_signflip, slopes

NAN = np.nan


def ar1(rng, shape, rho=0.9):
    """Stationary AR(1) noise of deviation 1 along the last axis."""
    noise = rng.normal(size=shape)
    for step in range(1, shape[-1]):
        noise[..., step] = rho * noise[..., step - 1] + np.sqrt(1 - rho**2) * noise[..., step]
    return noise


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-4, 4).map(lambda i: i / 7), min_size=1, max_size=7),
    st.sampled_from(["two-sided", "greater"]),
)
def test_literal_enumeration(values, alternative):
    size = np.abs if alternative == "two-sided" else lambda x: x
    sums = [size(np.dot(signs, values)) for signs in product([1, -1], repeat=len(values))]
    expected = np.mean(np.array(sums) >= sums[0] - 1e-9)
    assert sign_flip_p([values], alternative)[0] == expected


@pytest.mark.parametrize("alternative", ["two-sided", "greater"])
def test_every_sign_is_equally_likely(alternative):
    """Over all flips of five magnitudes P(p ≤ u) ≤ u: exact validity under symmetry."""
    magnitudes = np.array([0.1, 0.2, 0.2, 0.5, 1.0])
    p = sign_flip_p(magnitudes * np.array(list(product([1, -1], repeat=5))), alternative)
    for u in np.unique(p):
        assert (p <= u).mean() <= u + 1e-12


def test_level_and_power_on_autocorrelated_noise():
    """8 seeds, 33 steps, AR(1) .9: level just below .05, a drift of 2 deviations is found."""
    rng = np.random.default_rng(8)
    noise = ar1(rng, (1500, 8, 33))
    drift = 2 * np.linspace(0, 1, 33)
    assert 0.03 < (slope_signflip(noise)[1] <= 0.05).mean() < 0.062
    assert 0.83 < (slope_signflip(noise + drift)[1] <= 0.05).mean() < 0.91


def test_drawn_flips_agree_with_all_flips(monkeypatch):
    values = np.random.default_rng(9).normal(0.3, 1, (5, 12))
    exact = sign_flip_p(values)
    monkeypatch.setattr(signflip, "EXACT", 4)
    drawn = sign_flip_p(values)
    np.testing.assert_allclose(drawn, exact, atol=4 * np.sqrt(0.25 / signflip.FLIPS))
    np.testing.assert_array_equal(drawn, sign_flip_p(values))
    np.testing.assert_array_equal(drawn[::-1], sign_flip_p(values[::-1]))
    assert (drawn != sign_flip_p(values, seed=1)).any()
    assert sign_flip_p(np.full((1, 40), 5.0))[0] == 1 / (signflip.FLIPS + 1)


def test_missing_replicates_are_left_out():
    values = np.random.default_rng(10).normal(size=(6, 5))
    padded = np.insert(values, 2, NAN, axis=1)
    np.testing.assert_array_equal(sign_flip_p(padded), sign_flip_p(values))
    assert np.isnan(sign_flip_p([[NAN, NAN]])[0])
    assert sign_flip_p([[NAN, 3.0]])[0] == 1.0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.booleans())
def test_slope_is_least_squares(seed, steps, falling):
    rng = np.random.default_rng(seed)
    axis = (rng.random((4, steps)) + 0.1).cumsum(axis=1) * (-1 if falling else 1)
    p = rng.random((4, 3, steps))
    result = slopes(p, axis)
    for n, r in product(range(4), range(3)):
        x = (axis[n] - axis[n, 0]) / (axis[n, -1] - axis[n, 0])
        np.testing.assert_allclose(result[n, r], linregress(x, p[n, r]).slope, atol=1e-9)
    np.testing.assert_allclose(slopes(p[0], axis[0]), result[0])
    even = np.linspace(0, 1, steps)
    np.testing.assert_allclose(slopes(p), slopes(p, even), atol=1e-12)


def test_unused_and_missing_steps():
    p = np.array([[0.1, 0.3, NAN, NAN], [0.1, NAN, 0.3, NAN], [0.1, NAN, NAN, NAN], [NAN] * 4])
    np.testing.assert_allclose(slopes(p), [0.2, NAN, NAN, NAN])
    axis = np.array([1.0, 3.0, NAN, NAN])
    np.testing.assert_allclose(slopes(p[:1], axis), [0.2])
    np.testing.assert_allclose(slopes(p[:1], [1.0, 2.0, 3.0, 4.0]), [NAN])


def test_constant_series_has_no_slope():
    slope, p = slope_signflip(np.full((8, 33), 0.1))
    assert (float(slope), float(p)) == (0.0, 1.0)


def test_batch_and_single_agree():
    series = np.random.default_rng(11).random((5, 7, 9))
    series[2, 3] = NAN
    slope, p = slope_signflip(series)
    for n in range(5):
        one = slope_signflip(series[n])
        assert (float(one[0]), float(one[1])) == (slope[n], p[n])
    order = np.array([4, 2, 0, 1, 3])
    np.testing.assert_array_equal(slope_signflip(series[order])[1], p[order])
    assert ((p > 0) & (p <= 1)).all()


def test_smallest_p():
    assert slope_signflip(np.tile(np.linspace(0, 1, 5), (8, 1)))[1] == 2 / 2**8


def test_wrong_arguments_name_the_fix():
    with pytest.raises(ZollstockError, match=r"\(N, R, S\)"):
        slope_signflip(np.zeros(5))
    with pytest.raises(ZollstockError, match="rise or fall"):
        slopes(np.zeros((2, 3)), [0.0, 1.0, 0.5])
    with pytest.raises(ZollstockError, match="each step"):
        slopes(np.zeros((2, 3)), [0.0, 1.0])
    with pytest.raises(ZollstockError, match="greater"):
        sign_flip_p([[1.0]], "less")
