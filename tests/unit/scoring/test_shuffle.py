from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binom, kstest

from zollstock.errors import ZollstockError
from zollstock.scoring import shuffle, statistics
from zollstock.scoring.moments import null_moments
from zollstock.scoring.permutations import permutations
from zollstock.scoring.shuffle import null_distribution, shuffle_test, shuffled_series

NAMES = statistics.names()
FIELDS = ("score", "p_value", "p_paper", "null_mean", "null_std", "z")
GRID = np.linspace(0, 1, 100)


def literal(p, name, num, seed=0):
    """The definitions written down plainly, one permutation after the other."""
    from sklearn.feature_selection import mutual_info_regression

    grid = np.linspace(0, 1, len(p))

    def statistic(series):
        if name == "grad":
            return np.mean(np.abs(np.gradient(series)))
        if name == "epgm":
            return np.sum(np.abs(np.diff(series)))
        if name == "corr":
            return np.corrcoef(series, grid)[0, 1]
        return mutual_info_regression(series[:, None], grid, n_neighbors=5, random_state=0)[0]

    base = statistic(p)
    null = np.array([statistic(p[order]) for order in permutations(len(p), num, seed=seed)])
    if name in ("grad", "epgm"):
        m = np.mean(null)
        b = b_paper = np.sum(np.abs(null - m) >= np.abs(base - m))
    elif name == "corr":
        b = b_paper = np.sum(np.abs(null) >= np.abs(base))
    else:
        b, b_paper = np.sum(null >= base - 1e-12), np.sum(null > base + 1e-12)
    return base, null, (b + 1) / (num + 1), b_paper / num


def series_of(kind, steps=100):
    grid, rng = np.linspace(0, 1, steps), np.random.default_rng(2)
    return {
        "noise": rng.random(steps),
        "ramp": grid,
        "sigmoid": 1 / (1 + np.exp(-10 * (grid - 0.5))),
        "weak": 0.3 * grid + rng.random(steps),
        "offset": 0.5 + 1e-7 * rng.random(steps),
        "float32": rng.random(steps).astype(np.float32),
    }[kind]


def assert_same(one, other, rows=..., other_rows=...):
    for field in FIELDS:
        np.testing.assert_array_equal(
            np.asarray(getattr(one, field))[rows],
            np.asarray(getattr(other, field))[other_rows],
            err_msg=field,
        )


@pytest.mark.parametrize("kind", ["noise", "ramp", "sigmoid", "weak", "offset", "float32"])
@pytest.mark.parametrize(
    ("name", "num"), [("grad", 1000), ("epgm", 1000), ("corr", 1000), ("mi", 60)]
)
def test_equals_the_literal_definition(name, num, kind):
    for steps in (100, 23):
        p = series_of(kind, steps)
        result = shuffle_test(p, name, num=num, seed=4)
        base, null, p_value, p_paper = literal(p.astype(np.float64), name, num, seed=4)
        tolerance = 1e-7 if (name, kind) == ("corr", "offset") else 1e-9
        assert result.score == pytest.approx(base, rel=tolerance, abs=tolerance * float(np.ptp(p)))
        np.testing.assert_allclose(
            null_distribution(p, name, num, seed=4), null, rtol=tolerance, atol=tolerance
        )
        assert (result.p_value, result.p_paper) == (p_value, p_paper)
        if name not in ("grad", "epgm"):
            assert result.null_mean == pytest.approx(null.mean(), abs=tolerance)
            assert result.null_std == pytest.approx(null.std(ddof=1), rel=1e-6)
            assert result.z == pytest.approx((base - null.mean()) / null.std(ddof=1), rel=1e-5)


@pytest.mark.parametrize("steps", [2, 3, 4, 9, 10, 11, 12, 18, 19, 99, 100, 101, 130])
def test_grad_null_equals_numpy_at_every_length(rng, steps):
    p = rng.random(steps)
    expected = np.abs(np.gradient(p[permutations(steps, 40)], axis=1)).mean(axis=1)
    np.testing.assert_allclose(null_distribution(p, "grad", 40), expected, rtol=1e-13)
    expected = np.abs(np.diff(p[permutations(steps, 40)], axis=1)).sum(axis=1)
    np.testing.assert_allclose(null_distribution(p, "epgm", 40), expected, rtol=1e-13)


def exact_count(p, table, name):
    """b of a centred statistic in rational arithmetic: no rounding, so ties are ties.

    What is meant by 0.7 is 7/10, not its nearest float: 1/3 − 0.1 and 0.7 − 1/3 make up 0.6.
    """
    p = [Fraction(float(v)).limit_denominator(10**12) for v in p]

    def doubled(order):
        x = [p[i] for i in order]
        if name == "epgm":
            return 2 * sum(abs(b - a) for a, b in pairwise(x))
        inner = sum(abs(x[i + 2] - x[i]) for i in range(len(x) - 2))
        return 2 * (abs(x[1] - x[0]) + abs(x[-1] - x[-2])) + inner

    base = doubled(range(len(p)))
    null = [doubled(order) for order in table.tolist()]
    m = sum(null) / len(null)
    return sum(abs(t - m) >= abs(base - m) for t in null)


@pytest.mark.parametrize("steps", [3, 5, 8, 13, 30])
@pytest.mark.parametrize("levels", [(0.0, 1.0), (0.1, 0.3), (1 / 3, 0.7, 0.1), (0.2, 0.2 + 1e-9)])
@pytest.mark.parametrize("name", ["grad", "epgm"])
def test_ties_are_counted_as_in_exact_arithmetic(rng, steps, levels, name):
    batch = rng.choice(levels, (12, steps))
    table = permutations(steps, 64, seed=9)
    expected = [(exact_count(p, table, name) + 1) / 65 for p in batch]
    assert shuffle_test(batch, name, num=64, seed=9).p_value.tolist() == expected
    assert [shuffle_test(p, name, num=64, seed=9).p_value for p in batch] == expected


@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, 1.0, 1e-300])
@pytest.mark.parametrize("name", NAMES)
def test_constant_series_has_p_exactly_one(rng, name, value):
    result = shuffle_test(np.full(30, value), name, num=99)
    assert (result.score, result.p_value, result.p_paper, result.z) == (0, 1, 1, 0)
    assert result.null_std == 0
    batch = np.vstack([rng.random((70, 30)), np.full((1, 30), value)])
    assert shuffle_test(batch, name, num=19).p_paper[-1] == 1
    assert (null_distribution(np.full(30, value), name, 7) == 0).all()


@pytest.mark.parametrize("name", ["grad", "epgm", "corr"])
def test_two_steps_never_reject(name):
    result = shuffle_test([0.2, 0.9], name, num=50)
    assert (result.p_value, result.p_paper) == (1, 1)
    assert np.isfinite(result.z) if name == "corr" else result.z == pytest.approx(0, abs=1e-12)
    with pytest.raises(ZollstockError):
        shuffle_test([0.2, 0.9], "mi")


@pytest.mark.parametrize("name", NAMES)
def test_result_does_not_depend_on_the_batch(rng, name):
    num, size = (200, 700) if name != "mi" else (20, 270)
    batch = rng.random((size, 40))
    batch[::7] = np.round(batch[::7], 1)
    batch[5] = 0.25
    whole = shuffle_test(batch, name, num=num, seed=6)
    assert_same(shuffle_test(batch[::-1], name, num=num, seed=6), whole, slice(None, None, -1))
    for part in (slice(0, 1), slice(63, 66), slice(100, 109), slice(3, size)):
        assert_same(shuffle_test(batch[part], name, num=num, seed=6), whole, other_rows=part)
    for n in (0, 5, 64, 259):
        assert_same(shuffle_test(batch[n], name, num=num, seed=6), whole, other_rows=n)


@pytest.mark.parametrize("name", NAMES)
def test_series_and_permutations_in_parts_give_the_same(rng, name, monkeypatch):
    batch = rng.random((7, 20))
    batch[3] = 0.5
    whole, null = shuffle_test(batch, name, num=60), null_distribution(batch[0], name, 60)
    monkeypatch.setattr(shuffle, "_NUMBERS", 240)  # 12 permutations, 4 series at a time
    assert_same(shuffle_test(batch, name, num=60), whole)
    np.testing.assert_array_equal(null_distribution(batch[0], name, 60), null)


def test_more_permutations_extend_the_null():
    p = series_of("noise")
    for name in NAMES:
        few, many = (null_distribution(p, name, num, seed=1) for num in (10, 40))
        np.testing.assert_allclose(many[:10], few, rtol=1e-14)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nonfinite_series_is_nan_and_contaminates_nothing(rng, name, bad):
    batch = rng.random((70, 20))
    clean = shuffle_test(batch, name, num=20)
    batch[3, 4] = batch[66, 0] = bad
    result = shuffle_test(batch, name, num=20)
    rest = np.delete(np.arange(70), [3, 66])
    assert_same(result, clean, rest, rest)
    for field in FIELDS:
        assert np.isnan(getattr(result, field)[[3, 66]]).all()
        assert np.isnan(getattr(shuffle_test(batch[3], name, num=20), field))
    assert np.isnan(null_distribution(batch[3], name, 5)).all()


@pytest.mark.parametrize("name", NAMES)
def test_shapes_and_types(rng, name):
    empty = shuffle_test(np.empty((0, 10)), name)
    one = shuffle_test(rng.random(10), name, num=10)
    for field in FIELDS:
        assert getattr(empty, field).shape == (0,)
        assert isinstance(getattr(one, field), float)
        assert getattr(shuffle_test(rng.random((1, 10)), name, num=10), field).shape == (1,)
    with pytest.raises(AttributeError):
        one.score = 1.0


@pytest.mark.parametrize(
    "arguments",
    [
        {"num": 0},
        {"num": -5},
        {"num": 10.5},
        {"num": True},
        {"seed": -1},
        {"seed": 2**64},
        {"statistic": "gradd"},
        {"p": [0.5]},
        {"p": np.zeros((2, 2, 2))},
    ],
)
def test_mistakes_are_named(arguments):
    with pytest.raises(ZollstockError):
        shuffle_test(**{"p": [0.1, 0.2, 0.3], **arguments})


def test_only_one_series_has_a_null_distribution():
    for function in (null_distribution, shuffled_series):
        with pytest.raises(ZollstockError, match="one series"):
            function(np.zeros((2, 5)))


def test_shuffled_series_are_those_of_the_test():
    p = series_of("sigmoid")
    shuffled = shuffled_series(p, num=5, seed=8)
    assert shuffled.shape == (5, 100)
    np.testing.assert_array_equal(np.sort(shuffled, axis=1), np.tile(np.sort(p), (5, 1)))
    np.testing.assert_allclose(
        statistics.evaluate("grad", shuffled), null_distribution(p, "grad", 5, seed=8), rtol=1e-13
    )


@pytest.mark.parametrize("name", ["paper_grad", "epgm"])
def test_moments_are_the_exact_ones(name):
    p = series_of("weak")
    result = shuffle_test(p, name, num=10)
    mean, variance = null_moments(p, name)
    assert (result.null_mean, result.null_std) == (mean, np.sqrt(variance))
    assert result.z == (result.score - mean) / np.sqrt(variance)
    null = null_distribution(p, name, num=20_000)
    assert abs(null.mean() - mean) < 4 * result.null_std / np.sqrt(20_000)


def test_any_registered_statistic_can_be_tested(monkeypatch):
    monkeypatch.setattr(statistics, "_REGISTRY", dict(statistics._REGISTRY))

    @statistics.register("last", min_steps=2, tail="greater")
    def _last(rows):
        return rows[:, -1]

    p = np.arange(20) / 20
    result = shuffle_test(p, "last", num=400, seed=2)
    b = np.count_nonzero(permutations(20, 400, seed=2)[:, -1] == 19)
    assert result.p_value == (b + 1) / 401
    assert result.p_paper == 0


def test_axis_stays_in_place_while_the_series_is_permuted(rng, monkeypatch):
    monkeypatch.setattr(statistics, "_REGISTRY", dict(statistics._REGISTRY))

    @statistics.register("steepest", min_steps=2, tail="greater", uses_axis=True)
    def _steepest(p, x):
        return (np.abs(np.diff(p, axis=1)) / np.diff(x, axis=1)).max(axis=1)

    batch = rng.random((300, 20))
    batch[7] = 0.5
    axes = np.cumsum(rng.random((300, 20)) + 0.01, axis=1)
    axes[::2] = axes[::2, ::-1]
    result = shuffle_test(batch, "steepest", num=40, seed=2, axis=axes)
    for n in (0, 1, 298, 299):
        x = np.abs(axes[n] - axes[n, 0]) / np.abs(axes[n, -1] - axes[n, 0])
        score = (np.abs(np.diff(batch[n])) / np.diff(x)).max()
        shuffled = batch[n][permutations(20, 40, seed=2)]
        null = (np.abs(np.diff(shuffled, axis=1)) / np.diff(x)).max(axis=1)
        assert result.score[n] == pytest.approx(score, rel=1e-12)
        assert result.p_value[n] == (np.count_nonzero(null >= score * (1 - 1e-12)) + 1) / 41
        found = null_distribution(batch[n], "steepest", 40, seed=2, axis=axes[n])
        np.testing.assert_allclose(found, null, rtol=1e-12)
        assert_same(shuffle_test(batch[n], "steepest", 40, 2, axes[n]), result, other_rows=n)
    assert (result.score[7], result.p_value[7]) == (0, 1)


@pytest.mark.parametrize("name", NAMES)
def test_spacing_does_not_change_the_test(rng, name):
    batch = rng.random((3, 20))
    axis = np.cumsum(rng.random(20) + 0.01)
    plain = shuffle_test(batch, name, num=30)
    for along in (axis, -axis, np.tile(axis, (3, 1))):
        assert_same(shuffle_test(batch, name, num=30, axis=along), plain)


def test_an_axis_that_turns_is_refused():
    for function in (shuffle_test, null_distribution):
        with pytest.raises(ZollstockError, match="neither rises nor falls"):
            function([0.1, 0.2, 0.3], "epgm", 10, axis=[0, 2, 1])


@pytest.mark.parametrize(
    ("name", "count", "num"),
    [("grad", 4000, 199), ("epgm", 4000, 199), ("corr", 4000, 199), ("mi", 400, 39)],
)
def test_exchangeable_noise_is_rejected_at_the_nominal_rate(name, count, num):
    p_values = shuffle_test(np.random.default_rng(0).random((count, 50)), name, num).p_value
    for level in (0.05, 0.25, 0.5):
        rejected = np.count_nonzero(p_values <= level)
        low, high = binom.ppf([1e-3, 1 - 1e-3], count, level)
        assert rejected <= high
        assert rejected >= low or name == "mi"  # many estimates are 0: p-values near 1 tie
    if name != "mi":
        assert kstest(p_values, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("name", ["grad", "epgm"])
def test_smooth_paths_score_in_the_low_tail(name):
    result = shuffle_test(series_of("sigmoid"), name)
    assert result.p_paper == 0
    assert result.p_value == 1 / 1001
    assert result.z < -10


@settings(max_examples=40, deadline=None)
@given(
    arrays(np.float64, st.integers(2, 30), elements=st.integers(0, 64).map(lambda i: i / 64)),
    st.sampled_from(["grad", "epgm", "corr"]),
)
def test_complement_has_the_same_p(p, name):
    one, other = (shuffle_test(series, name, num=32, seed=1) for series in (p, 1 - p))
    assert (one.p_value, one.p_paper) == (other.p_value, other.p_paper)
    assert 1 / 33 <= one.p_value <= 1
    assert one.p_paper == round(one.p_value * 33 - 1) / 32
