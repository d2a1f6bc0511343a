import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from zollstock.errors import ZollstockError
from zollstock.scoring import effects
from zollstock.scoring.effects import (
    class_gradients,
    derivative,
    gradient_magnitude,
    log_odds,
    margin,
    mean_gradient,
    signed_change,
    tv_ratio,
    value_range,
    vector_gradient,
)
from zollstock.scoring.statistics import evaluate

EXACT = st.integers(0, 2**20).map(lambda i: i / 2**20)
SERIES = arrays(np.float64, st.integers(2, 40), elements=EXACT)
VECTORS = arrays(np.float64, st.tuples(st.integers(2, 12), st.integers(1, 6)), elements=EXACT)
SCALAR = [gradient_magnitude, lambda p: gradient_magnitude(p, order=2), value_range, signed_change]


def uneven(steps):
    return np.cumsum(np.random.default_rng(11).random(steps) + 0.05) - 3


@pytest.mark.parametrize("order", [2, 4])
@pytest.mark.parametrize("falling", [False, True])
def test_derivative_is_exact_for_polynomials_of_its_order_on_an_uneven_axis(rng, order, falling):
    x = np.sort(np.r_[0, rng.random(15), 1])
    x = 1 - x[::-1] if falling else x
    power = rng.normal(size=order + 1)
    slope = np.polyval(np.polyder(power), x)
    np.testing.assert_allclose(
        derivative(np.polyval(power, x)[None], x[None], order)[0], slope, atol=1e-10
    )
    beyond = x ** (order + 1)
    assert np.abs(derivative(beyond[None], x[None], order)[0] - (order + 1) * x**order).max() > 1e-6


def test_derivative_on_an_even_axis_has_the_textbook_weights():
    p = np.zeros((1, 9))
    p[0, 4] = 1
    x = np.linspace(0, 1, 9)[None]
    h = 1 / 8
    assert derivative(p, x, 2)[0, [3, 4, 5]] == pytest.approx([1 / (2 * h), 0, -1 / (2 * h)])
    expected = [-1 / (12 * h), 8 / (12 * h), 0, -8 / (12 * h), 1 / (12 * h)]
    assert derivative(p, x, 4)[0, 2:7] == pytest.approx(expected)


def test_order_one_is_epgm_and_order_four_finds_turns_between_steps(rng):
    p = rng.random((3, 12))
    np.testing.assert_array_equal(gradient_magnitude(p), evaluate("epgm", p))
    x = np.linspace(0, 1, 9)
    sine = 0.5 + 0.5 * np.sin(2 * np.pi * x + 0.4)
    assert abs(gradient_magnitude(sine, order=4) - 2) < abs(gradient_magnitude(sine) - 2) / 2


def test_uneven_axis_matters_from_order_two_on():
    axis = uneven(40) * 10
    x = (axis - axis[0]) / (axis[-1] - axis[0])
    p = x**2
    assert gradient_magnitude(p, axis, order=2) == pytest.approx(1, abs=1e-3)
    assert gradient_magnitude(p, axis[::-1] * -1, order=2) != pytest.approx(1, abs=1e-3)
    assert gradient_magnitude(p, -axis, order=2) == pytest.approx(1, abs=1e-3)


@settings(deadline=None)
@given(SERIES, st.data())
def test_refining_the_straight_lines_leaves_epgm(p, data):
    axis = np.arange(len(p), dtype=float)
    extra = data.draw(st.lists(st.integers(1, 64 * (len(p) - 1) - 1), max_size=20))
    finer = np.union1d(axis, np.array(extra) / 64)
    refined = np.interp(finer, axis, p)
    assert gradient_magnitude(refined, finer) == pytest.approx(
        gradient_magnitude(p, axis), abs=1e-12
    )


@settings(deadline=None)
@given(SERIES)
def test_sizes_are_ordered(p):
    net, span, total = abs(signed_change(p)), value_range(p), gradient_magnitude(p)
    assert net <= span <= total + 1e-12
    ratio = tv_ratio(p)
    if total == 0:
        assert np.isnan(ratio)
    else:
        assert 0 <= ratio <= 1 and ratio == pytest.approx(net / total)


def test_ratio_of_known_shapes():
    assert tv_ratio(np.linspace(0.9, 0.1, 30)) == 1
    assert tv_ratio([0.0, 1.0, 0.0]) == 0
    assert tv_ratio([0.0, 1.0, 0.5], [0, 1, 5]) == pytest.approx(1 / 3)
    assert np.isnan(tv_ratio([0.3, 0.3]))
    assert tv_ratio([0.2, 0.7]) == 1


@pytest.mark.parametrize("function", [*SCALAR, tv_ratio])
def test_nan_stays_in_its_row(rng, function):
    batch = rng.random((600, 7))
    expected = function(batch)
    batch[3, 2], batch[400, 6] = np.nan, np.inf
    found = function(batch)
    assert np.flatnonzero(np.isnan(found)).tolist() == [3, 400]
    keep = np.isfinite(found)
    np.testing.assert_array_equal(found[keep], expected[keep])
    assert function(batch[5]) == found[5] and isinstance(function(batch[5]), float)
    assert np.isnan(function(batch[3]))
    assert function(np.empty((0, 5))).shape == (0,)


@pytest.mark.parametrize("function", SCALAR)
def test_a_constant_has_size_zero(function):
    assert function(np.full(9, 0.1)) == 0
    assert function(np.full(3, 0.1)) == 0


@pytest.mark.parametrize("axis", [[0, 1, 1], [0, 2, 1], [0, np.nan, 1], [0, 1]])
def test_a_bad_axis_is_refused_by_all(axis):
    p = np.array([0.1, 0.2, 0.4])
    for call in (
        lambda: gradient_magnitude(p, axis),
        lambda: gradient_magnitude(p, axis, 2),
        lambda: tv_ratio(p, axis),
        lambda: vector_gradient(np.stack([p, 1 - p], axis=1), axis),
        lambda: class_gradients(np.stack([p, 1 - p], axis=1), axis),
    ):
        with pytest.raises(ZollstockError, match="axis"):
            call()


def test_order_and_steps_are_checked():
    with pytest.raises(ZollstockError, match="one of 1, 2, 4"):
        gradient_magnitude([0.1, 0.2, 0.3, 0.4], order=3)
    with pytest.raises(ZollstockError, match="at least 5"):
        gradient_magnitude([0.1, 0.2, 0.3, 0.4], order=4)
    with pytest.raises(ZollstockError, match="at least 2"):
        value_range([0.1])


def test_two_classes_in_closed_form(rng):
    p = rng.random(20)
    vectors = np.stack([p, 1 - p], axis=1)
    assert vector_gradient(vectors, norm="tv") == pytest.approx(evaluate("epgm", p), rel=1e-12)
    assert vector_gradient(vectors) == pytest.approx(np.sqrt(2) * evaluate("epgm", p), rel=1e-12)
    np.testing.assert_allclose(class_gradients(vectors), evaluate("epgm", p))


def test_a_straight_way_through_the_simplex_has_its_length():
    start, end = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    way = start + np.linspace(0, 1, 9)[:, None] * (end - start)
    assert vector_gradient(way) == pytest.approx(np.linalg.norm(end - start))
    assert vector_gradient(way, norm="tv") == pytest.approx(0.6)


@settings(deadline=None)
@given(VECTORS, st.randoms(use_true_random=False))
def test_relabelling_classes(vectors, random):
    order = list(range(vectors.shape[1]))
    random.shuffle(order)
    other = vectors[:, order]
    for norm in ("l2", "tv"):
        assert vector_gradient(other, norm=norm) == pytest.approx(
            vector_gradient(vectors, norm=norm), rel=1e-12, abs=1e-15
        )
    np.testing.assert_array_equal(class_gradients(other), class_gradients(vectors)[order])


@settings(deadline=None)
@given(VECTORS)
def test_total_variation_is_half_the_sum_over_classes(vectors):
    total = class_gradients(vectors).sum() / 2
    assert vector_gradient(vectors, norm="tv") == pytest.approx(total, abs=1e-12)
    assert vector_gradient(vectors) <= 2 * total + 1e-12


def test_vectors_in_blocks_equal_one_by_one(rng, monkeypatch):
    batch = rng.random((9, 6, 4))
    batch[2, 3, 1] = np.nan
    monkeypatch.setattr(effects, "_AT_ONCE", 2 * 24)
    found, classes = vector_gradient(batch), class_gradients(batch)
    assert np.flatnonzero(np.isnan(found)).tolist() == [2]
    assert np.isnan(classes[2]).all() and np.isfinite(np.delete(classes, 2, axis=0)).all()
    for n in (0, 8):
        assert vector_gradient(batch[n]) == found[n]
        np.testing.assert_array_equal(class_gradients(batch[n]), classes[n])
    assert vector_gradient(np.empty((0, 5, 3))).shape == (0,)
    assert class_gradients(np.empty((0, 5, 3))).shape == (0, 3)
    assert vector_gradient(np.full((4, 3), 0.1)) == 0


def test_wrong_vectors_are_refused():
    with pytest.raises(ZollstockError, match=r"\(S, C\)"):
        vector_gradient([0.1, 0.2])
    with pytest.raises(ZollstockError, match="at least 2"):
        class_gradients([[0.1, 0.9]])
    with pytest.raises(ZollstockError, match="l2 or tv"):
        vector_gradient([[0.1, 0.9], [0.2, 0.8]], norm="max")


def test_margin_is_over_the_best_other():
    logits = np.array([[1.0, 5, 2], [4, 3, 9]])
    np.testing.assert_array_equal(margin(logits, 1), [3, -6])
    np.testing.assert_array_equal(margin(logits[None].repeat(3, 0), [0, 1, 2])[:, 0], [-4, 3, -3])
    np.testing.assert_array_equal(margin(logits, 2), [-3, 5])
    logits[0, 0] = np.nan
    assert np.isnan(margin(logits, 1)[0]) and margin(logits, 1)[1] == -6


@pytest.mark.parametrize("chosen", [3, -1, 0.5, [0, 1]])
def test_margin_refuses_classes_that_are_not_there(chosen):
    with pytest.raises(ZollstockError, match="chosen"):
        margin(np.zeros((4, 3)), chosen)
    with pytest.raises(ZollstockError, match="1 class"):
        margin(np.zeros((4, 1)), 0)


def test_a_doubling_of_the_odds_is_one_whatever_the_number_of_classes():
    two = log_odds([[0.5, 2 / 3]], [0.5], 2)
    many = log_odds([[0.001, 2 / 1001]], [0.001], 1000)  # odds of 1 to 999, and twice that
    np.testing.assert_allclose(two, np.log(2))
    np.testing.assert_allclose(many, np.log((2 / 999) / (1 / 999)), rtol=1e-3)


def test_log_odds_count_the_unedited_picture_and_both_ways():
    assert log_odds([[0.5, 0.5]], [0.8], 2)[0] == pytest.approx(np.log(4))
    assert log_odds([[0.8, 0.2]], [0.5], 2)[0] == pytest.approx(2 * np.log(4))
    # Of two classes either has the same.
    p = np.array([[0.1, 0.7, 0.4]])
    assert log_odds(p, [0.3], 2)[0] == pytest.approx(log_odds(1 - p, [0.7], 2)[0])


@pytest.mark.parametrize(("classes", "least"), [(1, 0.05), (2, 0.05), (10, 0.01), (1000, 1e-4)])
def test_below_a_tenth_of_chance_nothing_counts(classes, least):
    assert log_odds([[0.0, least]], [least / 10], classes)[0] == pytest.approx(0, abs=1e-12)
    assert log_odds([[1.0, 1 - least]], [1.0], classes)[0] == pytest.approx(0, abs=1e-9)
    assert log_odds([[0.0, 1.0]], [0.5], classes)[0] == pytest.approx(
        2 * np.log((1 - least) / least)
    )


def test_log_odds_are_missing_where_a_probability_is():
    found = log_odds([[0.1, np.nan], [0.1, 0.2], [0.1, 0.2]], [0.1, np.nan, 0.1], 2)
    assert np.isnan(found).tolist() == [True, True, False]


@pytest.mark.parametrize("steps", [2, 3, 4, 30])
def test_the_signed_mean_gradient(steps, rng):
    p = rng.random((4, steps))
    found = mean_gradient(p)
    np.testing.assert_allclose(found, [np.mean(np.gradient(row)) for row in p], atol=1e-15)
    assert mean_gradient(p[0]) == found[0]
    if steps > 2:
        ends = 3 * (p[:, -1] - p[:, 0]) - (p[:, -2] - p[:, 1])
        np.testing.assert_allclose(found, ends / (2 * steps), atol=1e-15)
    assert mean_gradient(np.full(steps, 0.3)) == 0
