import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.scoring import series as module
from zollstock.scoring.effects import gradient_magnitude, tv_ratio, value_range
from zollstock.scoring.jitter import corrected_gradient, jitter_level, signature
from zollstock.scoring.moments import null_moments
from zollstock.scoring.series import Series
from zollstock.scoring.shuffle import null_distribution, shuffle_test
from zollstock.scoring.statistics import direction, evaluate

RNG = np.random.default_rng(3)
P, AXIS = RNG.random((5, 20)), np.cumsum(RNG.random((5, 20)) + 0.1, axis=1)
ENTRIES = {
    "evaluate": lambda p, axis: evaluate("mi", p, axis),
    "direction": lambda p, axis: direction(p),
    "gradient_magnitude": lambda p, axis: gradient_magnitude(p, axis, 4),
    "value_range": lambda p, axis: value_range(p),
    "tv_ratio": tv_ratio,
    "corrected": corrected_gradient,
    "jitter": jitter_level,
    "signature": lambda p, axis: signature(p)[1],
    "moments": lambda p, axis: np.array(null_moments(p)),
    "shuffle": lambda p, axis: shuffle_test(p, "epgm", 30, 0, axis).p_value,
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_checked_series_scores_as_its_parts_do_and_is_not_checked_again(entry, monkeypatch):
    expected = ENTRIES[entry](P, AXIS)
    checked = Series.of(P, AXIS)
    monkeypatch.setattr(module, "as_axis", lambda *_: pytest.fail("the axis was checked again"))
    np.testing.assert_array_equal(ENTRIES[entry](checked, None), expected)


def test_one_series_is_answered_with_one_number():
    one = Series.of(P[0], AXIS[0])
    assert isinstance(evaluate("epgm", one), float) and evaluate("epgm", one) == evaluate(
        "epgm", P[0]
    )
    assert null_distribution(one, "grad", 7).shape == (7,)
    assert (len(Series.of(P)), Series.of(P).steps) == (5, 20)


def test_too_few_steps_are_refused_of_a_checked_series_too():
    short = Series.of(P[:, :1], min_steps=1)
    with pytest.raises(ZollstockError, match="1 step"):
        direction(short)
    with pytest.raises(ZollstockError, match="at least 6"):
        evaluate("mi", Series.of(P[:, :5]))


def test_a_wrong_axis_is_named():
    axis = AXIS.copy()
    axis[3, 4] = axis[3, 5]
    with pytest.raises(ZollstockError, match="axis of image d: neither rises nor falls"):
        Series.of(P, axis, names=[f"image {name}" for name in "abcde"])
    with pytest.raises(ZollstockError, match="axis: neither rises nor falls"):
        Series.of(P, axis)


def test_blocks_hold_clean_rows_and_say_which_are():
    p = P.astype(np.float32)
    p[1, 3] = np.inf
    first, second = Series.of(p, AXIS).blocks(3)
    assert (first.part, second.part) == (slice(0, 3), slice(3, 6))
    assert first.usable.tolist() == [True, False, True] and not first.rows[1].any()
    assert first.rows.dtype == np.float64 and len(second.rows) == 2
    np.testing.assert_allclose(first.x[:, [0, -1]], [[0, 1]] * 3)


@pytest.mark.parametrize("value", [1e308, -1e308, 1.1e100])
@pytest.mark.parametrize("entry", ENTRIES)
def test_what_no_model_says_is_refused_and_never_summed(entry, value):
    p = P.copy()
    p[2, 3] = value
    with pytest.raises(ZollstockError, match=r"a value of .*e.*probabilities, logits or margins"):
        ENTRIES[entry](p, AXIS)


def test_large_logits_and_what_is_no_number_are_no_such_fault():
    p = np.array([[1e30, 0.0, -1e30], [np.nan, 0.1, 0.2], [np.inf, 0.1, 0.2]])
    found = value_range(p)
    assert found[0] == 2e30 and np.isnan(found[1:]).all()
    assert value_range(np.array([1, 3, 2])) == 2  # whole numbers
