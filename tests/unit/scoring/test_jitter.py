import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import isotonic_regression

from zollstock.errors import ZollstockError
from zollstock.scoring import kernels
from zollstock.scoring.jitter import (
    corrected_gradient,
    jitter_level,
    replicated_gradient,
    signature,
)
from zollstock.scoring.statistics import direction, evaluate

SERIES = arrays(
    np.float64, st.integers(2, 40), elements=st.integers(0, 2**20).map(lambda i: i / 2**20)
)
CURVES = {
    "flat": lambda x: 0.3 + 0 * x,
    "ramp": lambda x: x,
    "sigmoid": lambda x: 1 / (1 + np.exp(-12 * (x - 0.5))),
    "late": lambda x: 1 / (1 + np.exp(-40 * (x - 0.8))),
    "jump": lambda x: 0.6 * (x > 0) + 0.4 * x,
    "there and back": lambda x: 1.0 * (x > 0.3) - 0.5 * (x > 0.7),
    "bump": lambda x: np.exp(-(((x - 0.4) / 0.12) ** 2)),
    "spike": lambda x: 1.0 * (np.abs(x - 0.5) == np.abs(x - 0.5).min()) + 0.1 * x,
    "sine": lambda x: 0.5 + 0.5 * np.sin(2 * np.pi * x),
    "two sines": lambda x: 0.5 + 0.5 * np.sin(4 * np.pi * x),
    "ripple": lambda x: 1 / (1 + np.exp(-12 * (x - 0.5))) + 0.03 * np.sin(9 * x),
}


def rng(seed=0):
    return np.random.default_rng(seed)


def ar1(shape, rho, seed):
    e = rng(seed).standard_normal(shape)
    for i in range(1, shape[-1]):
        e[..., i] = rho * e[..., i - 1] + np.sqrt(1 - rho * rho) * e[..., i]
    return e


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("steps", [2, 3, 5, 9, 12, 13, 17, 25, 33, 50, 100, 201])
def test_clean_curves_keep_their_epgm_to_the_bit(name, steps):
    p = CURVES[name](np.linspace(0, 1, steps))
    assert corrected_gradient(p) == evaluate("epgm", p)
    assert corrected_gradient(p.astype(np.float32)) == evaluate("epgm", p.astype(np.float32))


def test_a_clean_curve_on_an_uneven_axis_keeps_its_epgm():
    x = np.cumsum(rng().random(60) + 0.02)
    x = (x - x[0]) / (x[-1] - x[0])
    for curve in CURVES.values():
        assert corrected_gradient(curve(x), x) == evaluate("epgm", curve(x))


def test_a_wave_of_four_steps_a_period_counts_as_jitter():
    # Documented: it cannot be told from jitter. A wave of eight steps can.
    def wave(period):
        return 0.5 + 0.5 * np.sin(2 * np.pi * np.arange(33) / period)

    assert corrected_gradient(wave(4)) < 0.5 * evaluate("epgm", wave(4))
    assert corrected_gradient(wave(8)) == evaluate("epgm", wave(8))


@pytest.mark.parametrize("name", ["ramp", "sigmoid", "late", "jump", "bump", "sine"])
@pytest.mark.parametrize(("sigma", "bound"), [(0.05, 0.05), (0.2, 0.15)])
def test_bias_under_white_jitter(name, sigma, bound):
    clean = CURVES[name](np.linspace(0, 1, 100))
    truth = evaluate("epgm", clean)
    p = clean + sigma * rng(1).standard_normal((300, 100))
    assert abs(corrected_gradient(p).mean() - truth) < bound * truth
    assert evaluate("epgm", p).mean() - truth > 2 * bound * truth


def test_a_small_sigmoid_of_the_size_of_real_ones():
    x = np.linspace(0, 1, 100)
    p = 0.1 * CURVES["sigmoid"](x) + 0.005 * rng(2).standard_normal((300, 100))
    assert evaluate("epgm", p).mean() > 0.5
    assert corrected_gradient(p).mean() == pytest.approx(0.1, abs=0.005)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_single_step_far_off_is_kept_among_jitter(sign):
    p = 0.02 * rng(13).standard_normal((60, 60))
    p[np.arange(2, 58), np.arange(2, 58)] += sign
    found = corrected_gradient(p)[2:58]
    assert (evaluate("epgm", p)[2:58] > 2.5).all()
    assert (np.abs(found - 2) < 0.35).all()


def test_jitter_may_differ_along_the_path():
    clean = CURVES["sigmoid"](np.linspace(0, 1, 100))
    sigma = 0.001 + 0.3 * clean * (1 - clean)  # as equal jitter of the logit makes it
    p = clean + sigma * rng(3).standard_normal((200, 100))
    assert evaluate("epgm", p).mean() > 2
    assert corrected_gradient(p).mean() == pytest.approx(1, abs=0.08)


@settings(deadline=None, max_examples=60)
@given(SERIES, st.sampled_from(["turns", "signature"]))
def test_lies_between_net_change_and_epgm(p, method):
    found = corrected_gradient(p, method=method)
    net, plain = abs(direction(p)), evaluate("epgm", p)
    assert min(net, plain) <= found <= plain


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(12, 60))
def test_scale_shift_mirror_and_reversal(seed, steps):
    draw = rng(seed)
    p = draw.random() * np.linspace(0, 3, steps) + draw.standard_normal(steps)
    found = corrected_gradient(p)
    assert corrected_gradient(4 * p - 7) == pytest.approx(4 * found, rel=1e-9)
    assert corrected_gradient(-p) == pytest.approx(found, rel=1e-9)
    axis = 2 - 5 * np.linspace(0, 1, steps)
    assert corrected_gradient(p, axis) == pytest.approx(found, rel=1e-9)


def test_the_piecewise_fit_is_the_best_one():
    # Against trying every border, with SciPy's isotonic regression for the pieces.
    def errors(y, w):
        found = {}
        for start in range(len(y)):
            for end in range(start + 1, len(y) + 1):
                for way in (0, 1):
                    part = slice(start, end)
                    fit = isotonic_regression(y[part], weights=w[part], increasing=way == 0).x
                    found[start, end, way] = (w[part] * (y[part] - fit) ** 2).sum()
        return found

    def best(error, n, price):
        cost = np.full((n + 1, 2), np.inf)
        cost[0] = 0
        for (start, end, way), value in sorted(error.items()):
            cost[end, way] = min(cost[end, way], cost[start, 1 - way] + value + price)
        return cost[n].min()

    for seed in range(4):
        draw = rng(seed)
        y, w = draw.standard_normal(11), draw.random(11) + 0.2
        error = errors(y, w)
        first, falls = np.empty((2, 11), np.int64)
        for price in (0.05, 0.8, 4.0):
            k = kernels.fit_pieces(y, w, price, first, falls)
            total, before = k * price, np.nan
            assert first[0] == 0 and (np.diff(falls[:k]) != 0).all()
            for a in range(k):
                part = slice(first[a], first[a + 1] if a + 1 < k else 11)
                fit = isotonic_regression(y[part], weights=w[part], increasing=falls[a] == 0).x
                total += (w[part] * (y[part] - fit) ** 2).sum()
                if a > 0:  # the border is at the turn
                    assert (fit[0] > before) == (falls[a] == 1)
                before = fit[-1]
            assert total == pytest.approx(best(error, 11, price))


def test_the_parabola_at_a_turn_is_the_least_squares_one():
    draw = rng(4)
    x = np.sort(draw.random(30))
    y = -((x - x[14]) ** 2) + 0.01 * draw.standard_normal(30)
    level = np.full(30, 1.0)
    fit = np.polynomial.Polynomial.fit(x[11:18], y[11:18], 2)
    assert kernels.turn_level(y, x, level, 14, 3) == pytest.approx(fit(x[14]), abs=1e-12)
    y[14] += 50
    assert kernels.turn_level(y, x, level, 14, 3) == y[14]  # a spike stands


@pytest.mark.parametrize("steps", [12, 17, 33, 100, 300])
def test_level_of_white_jitter(steps):
    p = CURVES["sigmoid"](np.linspace(0, 1, steps)) + 0.1 * rng(5).standard_normal((400, steps))
    assert jitter_level(p).mean() == pytest.approx(0.1, rel=0.1)


def test_level_on_clean_curves_and_uneven_axes():
    x = np.linspace(0, 1, 100)
    for name in ("flat", "ramp", "jump", "spike"):
        assert jitter_level(CURVES[name](x)) == pytest.approx(0, abs=1e-15)
    for name in ("sigmoid", "late", "bump", "sine", "two sines"):
        assert jitter_level(CURVES[name](x)) < 3e-4
    axis = np.cumsum(rng(6).random(200) + 0.01)
    assert jitter_level(3 * axis, axis) < 1e-12 < 1e-3 < jitter_level(3 * axis)
    p = axis + 0.1 * rng(7).standard_normal((100, 200))
    assert jitter_level(p, axis).mean() == pytest.approx(0.1, rel=0.1)
    assert np.isnan(jitter_level(np.linspace(0, 1, 11)))


def test_signature_by_hand():
    spacings, tv = signature([0.0, 1, 0, 1, 3], [1, 2, 4])
    assert spacings.tolist() == [1, 2, 4]
    # k = 2: the phases 0, 2, 4 and 0, 1, 3, 4; k = 4: 0, 4; 0, 1, 4; 0, 2, 4; 0, 3, 4.
    assert tv == pytest.approx([5, (3 + 3) / 2, (3 + 3 + 3 + 3) / 4])


@settings(deadline=None, max_examples=60)
@given(SERIES)
def test_signature_equals_its_phases(p):
    spacings, tv = signature(p, np.arange(1, len(p)))
    for k, value in zip(spacings, tv, strict=True):
        phases = [
            np.unique(np.r_[0, np.arange(phase, len(p), k), len(p) - 1]) for phase in range(k)
        ]
        assert value == pytest.approx(np.mean([np.abs(np.diff(p[i])).sum() for i in phases]))
    assert (abs(direction(p)) - 1e-12 <= tv).all() and (tv <= tv[0] + 1e-12).all()


def test_signature_of_white_jitter_and_of_a_ramp():
    _, tv = signature(rng(8).standard_normal((2000, 100)))
    k = np.arange(1, 21)
    np.testing.assert_allclose(tv.mean(axis=0), 2 / np.sqrt(np.pi) * (1 + 98 / k), rtol=0.02)
    _, tv = signature(np.linspace(0, 1, 50))
    np.testing.assert_allclose(tv, 1)
    assert signature([0.1, 0.4])[0].tolist() == [1]


def test_spacings_are_checked():
    for spacings in ([0, 1], [5], [], [1.5], [[1]]):
        with pytest.raises(ZollstockError, match="spacings"):
            signature(np.zeros(5), spacings)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_replicates_see_through_jitter_that_persists(rho):
    clean = CURVES["sigmoid"](np.linspace(0, 1, 100))
    p = clean + 0.05 * ar1((150, 4, 100), rho, 9)
    assert replicated_gradient(p).mean() == pytest.approx(1, abs=0.05)
    assert evaluate("epgm", p.mean(axis=1)).mean() > 1.4 if rho < 0.9 else True


def test_replicates_that_agree_score_their_epgm():
    for name, curve in CURVES.items():
        p = curve(np.linspace(0, 1, 40))
        found = replicated_gradient(np.tile(p, (3, 1)))
        assert found == pytest.approx(evaluate("epgm", p), rel=1e-12), name


def test_missing_replicates_are_left_out():
    p = CURVES["sine"](np.linspace(0, 1, 30)) + 0.02 * rng(10).standard_normal((2, 3, 30))
    p[0, 1, 4] = np.nan
    found = replicated_gradient(p)
    assert found[0] == replicated_gradient(p[0, [0, 2]])
    assert replicated_gradient(p[0, [0, 1]]) == corrected_gradient(p[0, 0])
    assert np.isnan(replicated_gradient(p[0, [1]]))
    assert found[1] == replicated_gradient(p[1])
    for wrong in (np.zeros(5), np.zeros((2, 1)), [["a"]]):
        with pytest.raises(ZollstockError):
            replicated_gradient(wrong)


def test_batch_equals_single_and_nan_stays_in_its_row():
    p = np.sin(np.linspace(0, 3, 30)) + 0.1 * rng(11).standard_normal((900, 30))
    axis = np.cumsum(rng(12).random((900, 30)) + 0.1, axis=1)
    p[7, 3], p[880, 0] = np.nan, np.inf
    for function in (corrected_gradient, jitter_level):
        found = function(p, axis)
        assert np.flatnonzero(np.isnan(found)).tolist() == [7, 880]
        for n in (0, 8, 899):
            assert function(p[n], axis[n]) == found[n]
        assert function(np.empty((0, 30))).shape == (0,)
    tv = signature(p)[1]
    assert np.flatnonzero(np.isnan(tv).any(axis=1)).tolist() == [7, 880]


def test_wrong_arguments_are_refused():
    with pytest.raises(ZollstockError, match="one of turns, signature"):
        corrected_gradient([0.1, 0.2], method="spline")
    with pytest.raises(ZollstockError, match="axis"):
        corrected_gradient([0.1, 0.2, 0.3], [0, 1, 1])
    with pytest.raises(ZollstockError, match="at least 2"):
        corrected_gradient([0.1])
