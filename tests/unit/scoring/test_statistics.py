import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import zollstock
from zollstock import Zollstock
from zollstock.errors import ZollstockError
from zollstock.scoring import statistics
from zollstock.scoring.effects import vector_gradient
from zollstock.scoring.grid import grid_gradients
from zollstock.scoring.jitter import replicated_gradient
from zollstock.scoring.statistics import direction, evaluate, get_statistic, prediction_flips

NAMES = statistics.names()
SERIES = arrays(
    np.float64,
    st.integers(2, 60),
    elements=st.integers(0, 2**20).map(lambda i: i / 2**20),  # exact under 1 - p
)


@pytest.fixture
def registry():
    kept = dict(statistics._REGISTRY)
    yield
    statistics._REGISTRY.clear()
    statistics._REGISTRY.update(kept)


@pytest.mark.parametrize("steps", [2, 3, 5, 100, 1001])
def test_ramp_scores_one_over_s_minus_one(steps):
    assert evaluate("grad", np.linspace(0, 1, steps)) == pytest.approx(1 / (steps - 1), rel=1e-13)


def test_sigmoid_in_closed_form():
    # Monotone: inner differences telescope, and every term has the same sign.
    p = 1 / (1 + np.exp(-np.linspace(-6, 6, 100)))
    inner = (p[-1] + p[-2] - p[1] - p[0]) / 2
    expected = (inner + (p[1] - p[0]) + (p[-1] - p[-2])) / 100
    assert evaluate("paper_grad", p) == pytest.approx(expected, rel=1e-13)


def test_documented_weaknesses_of_central_differences():
    zigzag = np.arange(100) % 2.0
    assert evaluate("grad", zigzag) == pytest.approx(0.02)
    assert evaluate("grad", np.eye(100)[0]) == pytest.approx(0.015)
    assert evaluate("grad", np.eye(100)[50]) == pytest.approx(0.010)


@pytest.mark.parametrize("height", [0.25, 1.0])
@pytest.mark.parametrize("steps", [2, 3, 5, 100, 1001])
def test_epgm_of_a_ramp_is_its_height(steps, height):
    ramp = np.linspace(0, height, steps)
    assert evaluate("epgm", ramp) == pytest.approx(height, rel=1e-12)
    assert evaluate("epgm", ramp[::-1], np.linspace(5, 9, steps)) == pytest.approx(height)


def test_epgm_of_a_sine_is_four_amplitudes_a_period():
    x = np.linspace(0, 1, 401)  # the grid holds the turning points
    assert evaluate("epgm", 0.5 + 0.3 * np.sin(2 * np.pi * x)) == pytest.approx(4 * 0.3, rel=1e-12)
    assert evaluate("epgm", 0.5 + 0.3 * np.sin(6 * np.pi * x)) == pytest.approx(12 * 0.3, rel=1e-4)


def test_epgm_is_the_integral_of_the_slope_over_the_unit_range(rng):
    axis = -3 + np.cumsum(rng.random(60) + 0.01)
    p = rng.random(60)
    x = (axis - axis[0]) / (axis[-1] - axis[0])
    pieces = np.abs(np.diff(p) / np.diff(x)) * np.diff(x)
    assert evaluate("epgm", p, axis) == pytest.approx(pieces.sum(), rel=1e-12)
    # Not by the same formula: the slope at many random places.
    place = np.searchsorted(x, rng.random(400_000), side="right") - 1
    slope = np.abs(np.diff(p) / np.diff(x))[place]
    error = slope.std() / np.sqrt(len(slope))
    assert abs(evaluate("epgm", p, axis) - slope.mean()) < 4 * error


def test_epgm_of_a_monotone_curve_does_not_see_the_number_of_steps_but_paper_grad_does():
    def curve(steps):
        return 1 / (1 + np.exp(-np.linspace(-6, 6, steps)))

    few, many = curve(5), curve(101)
    assert evaluate("epgm", few) == pytest.approx(evaluate("epgm", many), rel=1e-12)
    assert evaluate("paper_grad", few) > 10 * evaluate("paper_grad", many)


@given(SERIES, st.lists(st.floats(0, 1), max_size=30), st.randoms(use_true_random=False))
def test_epgm_does_not_see_more_steps_on_the_same_straight_lines(p, extra, random):
    axis = np.cumsum([random.uniform(0.01, 1) for _ in p])
    finer = np.union1d(axis, axis[0] + np.array(extra) * (axis[-1] - axis[0]))
    refined = np.interp(finer, axis, p)
    assert evaluate("epgm", refined, finer) == pytest.approx(
        evaluate("epgm", p, axis), rel=1e-9, abs=1e-12
    )


@given(SERIES, st.integers(2, 7))
def test_epgm_can_only_lose_by_leaving_steps_out(p, stride):
    kept = p[np.union1d(np.arange(0, p.size, stride), [p.size - 1])]
    assert abs(p[-1] - p[0]) <= evaluate("epgm", kept) <= evaluate("epgm", p) + 1e-12


def test_documented_weakness_of_epgm_jitter_adds_up(rng):
    for steps in (101, 1001):
        noise = 0.01 * rng.standard_normal((400, steps))
        expected = (steps - 1) * 2 * 0.01 / np.sqrt(np.pi)
        assert evaluate("epgm", noise).mean() == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_spacing_alone_changes_no_statistic(rng, name):
    p, axis = rng.random((4, 20)), np.cumsum(rng.random(20) + 0.01)
    expected = evaluate(name, p)
    for along in (axis, -axis, axis[::-1], np.stack([axis, -axis, axis, 2 * axis])):
        np.testing.assert_array_equal(evaluate(name, p, along), expected)
    assert evaluate(name, p[0], axis) == expected[0]


@pytest.mark.parametrize(
    ("axis", "message"),
    [
        ([0, 1, 1, 2], "neither rises nor falls"),
        ([1, 1, 1, 1], "neither rises nor falls"),
        ([0, 2, 1, 3], "neither rises nor falls"),
        ([3, 2, 1, 2], "neither rises nor falls"),
        ([0, 1, 2, np.nan], "neither rises nor falls"),
        ([0, 1, 2, np.inf], "neither rises nor falls"),
        ([[0, 1, 2, 3], [0, 1, 3, 2]], "neither rises nor falls"),
        ([0, 1, 2], r"shape \(3,\); expected \(4,\) or \(2, 4\)"),
        (np.zeros((3, 4)), r"shape \(3, 4\)"),
        (np.zeros((2, 1)), r"shape \(2, 1\)"),
        (0.5, r"shape \(\)"),
        (list("abcd"), "no array of numbers"),
        ([[0, 1], [2]], "no array of numbers"),
    ],
)
def test_axes_that_do_not_fit_are_refused(axis, message):
    for name in ("epgm", "paper_grad"):
        with pytest.raises(ZollstockError, match=message):
            evaluate(name, np.zeros((2, 4)), axis)
    with pytest.raises(ZollstockError, match="axis"):
        Zollstock("epgm").shuffle_test(np.zeros((2, 4)), num=5, axis=axis)


def test_a_statistic_may_use_the_axis(registry):
    @statistics.register("steepest", min_steps=2, tail="greater", uses_axis=True)
    def _steepest(p, x):
        assert (x[:, 0] == 0).all()
        assert (x[:, -1] == 1).all()
        return (np.abs(np.diff(p, axis=1)) / np.diff(x, axis=1)).max(axis=1)

    p = [0.0, 0.5, 0.6]
    assert evaluate("steepest", p) == 1
    assert evaluate("steepest", p, [10, 20, 20.5]) == pytest.approx(0.1 * 10.5 / 0.5)
    assert evaluate("steepest", p, [20.5, 10.5, 10]) == pytest.approx(0.1 * 10.5 / 0.5)
    assert Zollstock("steepest").score(p, axis=[0, 1, 4]) == 2
    batch = np.tile(p, (600, 1))
    axes = np.tile([0.0, 1.0, 4.0], (600, 1))
    axes[500:, 1] = 2.0
    np.testing.assert_allclose(evaluate("steepest", batch, axes), [2] * 500 + [1] * 100)


def test_step_between_two_values():
    p = np.repeat([0.25, 0.75], 10)
    assert evaluate("grad", p) == 2 * 0.25 / 20
    centred, grid = p - 0.5, np.linspace(0, 1, 20) - 0.5
    expected = centred @ grid / np.sqrt((centred @ centred) * (grid @ grid))
    assert evaluate("corr", p) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, 1.0])
@pytest.mark.parametrize("name", NAMES)
def test_constant_series_scores_zero(name, value):
    assert evaluate(name, np.full(50, value)) == 0
    np.testing.assert_array_equal(evaluate(name, np.full((3, 50), value)), np.zeros(3))


def test_two_steps(rng):
    assert evaluate("grad", [0.2, 0.7]) == pytest.approx(0.5)
    assert evaluate("epgm", [0.2, 0.7]) == pytest.approx(0.5)
    assert evaluate("corr", [0.2, 0.7]) == 1
    assert evaluate("corr", [0.7, 0.2]) == -1
    with pytest.raises(ZollstockError, match="at least 6"):
        evaluate("mi", [0.2, 0.7])
    with pytest.raises(ZollstockError, match="at least 6"):
        evaluate("mi", rng.random(5))
    assert np.isfinite(evaluate("mi", rng.random(6)))


def test_corr_equals_numpy_also_for_tiny_and_offset_series(rng):
    grid = np.linspace(0, 1, 40)
    for p in (rng.random(40), grid**3, 1e-200 * rng.random(40), 0.5 + 1e-9 * rng.random(40)):
        expected = np.corrcoef(p / p.max(), grid)[0, 1]
        assert evaluate("corr", p) == pytest.approx(expected, abs=1e-7 if p[0] > 0.4 else 1e-12)
    assert evaluate("corr", grid) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("steps", [6, 7, 10, 11, 40, 100, 250])
def test_mi_equals_scikit_learn(rng, steps):
    from sklearn.feature_selection import mutual_info_regression

    grid = np.linspace(0, 1, steps)
    for p in (
        rng.random(steps),
        grid**2,
        grid,
        np.round(rng.random(steps), 1),
        (grid > 0.5).astype(float),
        1 / (1 + np.exp(-40 * (grid - 0.5))),
        0.5 + 1e-7 * rng.random(steps),
    ):
        expected = mutual_info_regression(p[:, None], grid, n_neighbors=5, random_state=0)[0]
        assert evaluate("mi", p) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nonfinite_series_is_nan_and_contaminates_nothing(rng, name, bad):
    batch = rng.random((5, 20))
    clean = evaluate(name, batch)
    batch[2, 7] = bad
    scores = evaluate(name, batch)
    assert np.isnan(scores[2])
    np.testing.assert_array_equal(np.delete(scores, 2), np.delete(clean, 2))
    assert np.isnan(evaluate(name, batch[2]))


@pytest.mark.parametrize("name", NAMES)
def test_scores_do_not_depend_on_the_batch(rng, name):
    batch = rng.random((600 if name != "mi" else 270, 33)).astype(np.float32)
    scores = evaluate(name, batch)
    assert scores.dtype == np.float64
    np.testing.assert_array_equal(evaluate(name, batch[::-1]), scores[::-1])
    np.testing.assert_array_equal(evaluate(name, np.asfortranarray(batch)), scores)
    np.testing.assert_array_equal(evaluate(name, batch[255:258]), scores[255:258])
    assert evaluate(name, batch[7]) == scores[7]
    assert isinstance(evaluate(name, batch[7]), float)
    assert evaluate(name, batch[:0]).shape == (0,)


@pytest.mark.parametrize(
    "p", [0.5, [], [0.5], np.zeros((2, 1)), np.zeros((2, 3, 4)), [[1, 2], [3]], ["a", "b"], [1j, 2]]
)
def test_wrong_shapes_are_refused(p):
    with pytest.raises(ZollstockError):
        evaluate("grad", p)
    with pytest.raises(ZollstockError):
        direction(p)


def test_input_is_left_as_it_is():
    p = np.array([[0.1, np.nan, 0.3], [0.1, 0.2, 0.3]])
    before = p.copy()
    for name in ("grad", "corr"):
        evaluate(name, p)
    np.testing.assert_array_equal(p, before)


@given(SERIES)
def test_grad_does_not_see_direction_or_complement(p):
    score = evaluate("grad", p)
    assert evaluate("grad", p[::-1]) == pytest.approx(score, rel=1e-13, abs=0)
    assert evaluate("grad", 1 - p) == pytest.approx(score, rel=1e-13, abs=0)
    # One at each end, a half at each step inside.
    assert 0 <= score <= 0.5 + 1 / p.size + 1e-12


@given(SERIES, st.floats(0.01, 100), st.floats(-10, 10))
def test_corr_does_not_see_affine_maps(p, scale, shift):
    moved = scale * p + shift
    if moved.max() == moved.min() or np.ptp(p) < 1e-3:
        return
    r = evaluate("corr", p)
    assert evaluate("corr", moved) == pytest.approx(r, abs=1e-9)
    assert evaluate("corr", -moved) == pytest.approx(-r, abs=1e-9)
    assert -1 <= r <= 1


def test_direction():
    assert direction([0.25, 1.0, 0.75]) == 0.5
    np.testing.assert_array_equal(
        direction([[0.0, 0.5, 1.0], [1.0, 0.5, 0.0], [0.0, np.nan, 1.0]]), [1, -1, np.nan]
    )
    assert direction(np.array([200, 10], np.uint8)) == -190


def test_flips():
    p = np.array([0.1, 0.6, 0.7, 0.4, 0.9])
    flipped, changes = prediction_flips(np.stack([1 - p, p], axis=-1))
    assert flipped.shape == changes.shape == ()
    assert bool(flipped)
    assert changes == 3
    steady, none = prediction_flips(np.full((2, 4, 5, 3), 0.3))  # ties: the lowest class
    assert steady.shape == none.shape == (2, 4)
    assert not steady.any()
    assert not none.any()


def test_flips_pass_over_frames_without_a_prediction():
    a, b, gap = [0.9, 0.1], [0.1, 0.9], [np.nan, 0.5]
    for frames, expected in [
        ([gap, a, gap, a], 0),
        ([gap, b, gap, b], 0),
        ([a, gap, b, gap], 1),
        ([b, gap, gap, a, b], 2),
        ([gap, gap], 0),
        ([b], 0),
    ]:
        flipped, changes = prediction_flips(frames)
        assert (bool(flipped), int(changes)) == (expected > 0, expected)


@pytest.mark.parametrize("shape", [(3,), (0, 3), (4, 0), ()])
def test_flips_need_steps_and_classes(shape):
    with pytest.raises(ZollstockError):
        prediction_flips(np.zeros(shape))


def test_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ZollstockError, match="Did you mean 'grad'"):
        get_statistic("gard")
    with pytest.raises(ZollstockError, match=r"Did you mean .*corr"):
        Zollstock("corre")
    with pytest.raises(ZollstockError, match="Choose one of them"):
        Zollstock("zzzzzz")


def test_registered_statistic_is_found(registry):
    @statistics.register("spread", min_steps=2, tail="greater")
    def _spread(rows):
        return rows.max(axis=1) - rows.min(axis=1)

    assert Zollstock("spread").score([0.25, 0.5, 0.0]) == 0.5


def test_facade(rng):
    p = rng.random((4, 30))
    meter = Zollstock("grad")
    assert repr(meter) == "Zollstock('paper_grad')"
    np.testing.assert_array_equal(meter.score(p), evaluate("paper_grad", p))
    result = meter.shuffle_test(p, num=50, seed=3)
    assert (result.num, result.seed, result.statistic) == (50, 3, "paper_grad")
    assert Zollstock("epgm").score([0.0, 0.25, 1.0, 0.5], axis=[1, 2, 8, 9]) == 1.5
    assert zollstock.Zollstock is Zollstock
    with pytest.raises(AttributeError, match="nothing_here"):
        zollstock.nothing_here  # noqa: B018


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, zollstock, zollstock.scoring; zollstock.__version__; "
        "print([m for m in ('numpy', 'numba', 'scipy', 'sklearn', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("function", "where"),
    [
        (direction, "prediction series"),
        (vector_gradient, "probabilities"),
        (grid_gradients, "prediction grid"),
        (replicated_gradient, "replicates"),
    ],
)
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[0.1, 0.2], [0.3]], "rows of unequal length"),
        ([["a", "b"], ["c", "d"]], "not real numbers"),
        ([[0.1j, 0.2], [0.3, 0.4]], "not real numbers"),
        (np.zeros((2, 2, 2, 2)), r"shape \(2, 2, 2, 2\)"),
    ],
)
def test_what_is_no_array_of_real_numbers_is_refused(function, where, values, message):
    with pytest.raises(ZollstockError, match=f"{where}: .*{message}"):
        function(values)
