"""Each attributer against its formula, written down as a loop over segments and outputs."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

import zollstock.locate.attributers as registry
from zollstock.entries import known_entries
from zollstock.errors import ZollstockError
from zollstock.locate.attributers import Ends, attributions_of
from zollstock.locate.attributers.ciu import coalition_scores
from zollstock.locate.attributers.difference import interval
from zollstock.locate.samples import draw_samples
from zollstock.locate.samples.unique import coalitions
from zollstock.seeds import rng_for

N, M, K = 60, 7, 3
SETTINGS = {
    "rise": {"baseline": "none"},
    "lime": {"ridge": 1.0, "kernel": "cosine", "width": 0.25},
    "kernel_shap": {"weights": "size"},
    "pda": {"scale": "probability", "laplace": None, "by_number": False},
    "ciu": {"form": "general", "neutral": 0.5},
    "regressor": {"model": "LinearRegression", "arguments": {}, "kernel": "none", "width": 0.25},
    "significance": {"value": "t"},
    "rank": {},
    "difference": {"confidence": 0.95},
}


def of(name, y, z, ends=None, **settings):
    y = np.asarray(y, float)
    outputs = y.shape[1] if y.ndim == 2 else 1
    ends = ends or Ends(np.full(outputs, 0.8), np.full(outputs, 0.1))
    return attributions_of(y, z, {"name": name} | SETTINGS[name] | settings, ends)


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    return rng.random((N, K)), rng.random((N, M)) < 0.6, Ends(rng.random(K), rng.random(K))


def each(function):
    """Return what a function of segment and output gives for all of them."""
    return np.array([[function(j, k) for k in range(K)] for j in range(M)])


def test_every_entry_is_tested_here_and_runs(data):
    assert known_entries(registry) == sorted(SETTINGS)
    for name in SETTINGS:
        assert of(name, *data).shape == (M, K)


def test_an_unknown_entry_is_told():
    with pytest.raises(ZollstockError, match="Did you mean 'rise'"):
        attributions_of([[1.0]], [[True]], {"name": "rice"}, Ends(np.ones(1), np.ones(1)))


def test_rise(data):
    y, z, _ = data
    means = each(lambda j, k: np.mean(y[z[:, j], k]))
    assert np.allclose(of("rise", *data), means)
    assert np.allclose(of("rise", *data, baseline="mean"), means - y.mean(0))


@pytest.mark.parametrize("kernel", ["none", "cosine"])
@pytest.mark.parametrize("ridge", [0.0, 2.5])
def test_lime_is_weighted_least_squares(data, kernel, ridge):
    y, z, _ = data
    w = np.ones(N)
    if kernel == "cosine":
        w = np.sqrt(np.exp(-((1 - np.sqrt(z.sum(1) / M)) ** 2) / 0.25**2))
    x = np.column_stack([z, np.ones(N)]).astype(float)
    held = ridge * np.diag([1.0] * M + [0.0])
    slopes = np.linalg.solve(x.T @ np.diag(w) @ x + held, x.T @ np.diag(w) @ y)[:M]
    assert np.allclose(of("lime", *data, kernel=kernel, ridge=ridge), slopes)


def test_lime_equals_scikit_learns_ridge(data):
    from sklearn.linear_model import Ridge

    y, z, _ = data
    w = np.sqrt(np.exp(-((1 - np.sqrt(z.mean(1))) ** 2) / 0.0625))
    fitted = Ridge(alpha=1.0).fit(z, y, sample_weight=w)
    assert np.allclose(of("lime", *data), fitted.coef_.T)


def exact_shapley(value, m):
    """Return Shapley values of a function of the set of kept segments, by enumeration."""
    found = np.zeros((m, *np.shape(value(frozenset()))))
    for j in range(m):
        others = [i for i in range(m) if i != j]
        for size in range(m):
            share = math.factorial(size) * math.factorial(m - size - 1) / math.factorial(m)
            for chosen in combinations(others, size):
                without = frozenset(chosen)
                found[j] += share * (value(without | {j}) - value(without))
    return found


@pytest.mark.parametrize("weights", ["size", "row"])
@pytest.mark.parametrize("m", [1, 2, 3, 6])
def test_kernel_shap_of_all_coalitions_is_shapley(m, weights):
    values = np.random.default_rng(m).random((2**m, 2))

    def value(kept):
        return values[sum(1 << j for j in kept)]

    found = of("kernel_shap", values, coalitions(m), Ends(values[-1], values[0]), weights=weights)
    assert np.allclose(found, exact_shapley(value, m), atol=1e-9)
    assert np.allclose(found.sum(0), values[-1] - values[0], atol=1e-12)


@pytest.mark.parametrize("weights", ["size", "row"])
def test_kernel_shap_is_weighted_least_squares_with_exact_ends(data, weights):
    y, z, ends = data
    size = z.sum(1)
    between = (size > 0) & (size < M)
    z, y, size = z[between], y[between], size[between]
    w = np.array([(M - 1) / (s * (M - s)) for s in size])
    shared = [np.sum(size == s) if weights == "size" else math.comb(M, s) for s in size]
    w = w / shared
    # Lagrange: the gradient and the constraint, at once.
    x = z.astype(float)
    left = np.block([[2 * x.T @ (w[:, None] * x), np.ones((M, 1))], [np.ones((1, M)), 0]])
    right = np.vstack([2 * x.T @ (w[:, None] * (y - ends.empty)), (ends.whole - ends.empty)[None]])
    assert np.allclose(of("kernel_shap", *data, weights=weights), np.linalg.solve(left, right)[:M])


def test_shapley_samples_come_near_the_exact_values():
    m = 10
    rng = np.random.default_rng(2)
    slopes, pairs = rng.normal(size=m), rng.normal(size=(m, m)) / 2

    def say(z):
        z = np.asarray(z, float)
        return np.tanh(z @ slopes + ((z @ pairs) * z).sum(-1))[:, None]

    every = say(coalitions(m))
    exact = exact_shapley(lambda kept: every[sum(1 << j for j in kept)], m)
    ends = Ends(every[-1], every[0])
    errors = {"size": [], "row": []}
    for seed in range(8):
        z = draw_samples(m, {"name": "shapley", "number": 200}, rng_for(seed))
        for weights, own in errors.items():
            found = of("kernel_shap", say(z), z, ends, weights=weights)
            own.append(np.abs(found - exact).mean())
    # By row, the inner sizes, of which a part was drawn, count too little.
    assert np.mean(errors["size"]) < 0.9 * np.mean(errors["row"])
    assert np.mean(errors["size"]) < 0.1 * np.abs(exact).mean()


def test_kernel_shap_has_weights_for_hundreds_of_segments():
    rng = np.random.default_rng(0)
    z = rng.random((900, 400)) < 0.5
    slopes = rng.random((400, 1))
    y = z @ slopes
    for weights in ("size", "row"):
        ends = Ends(slopes.sum(0), np.zeros(1))
        assert np.allclose(of("kernel_shap", y, z, ends, weights=weights), slopes, atol=1e-4)


LAPLACE = {"images": 1000, "classes": 10}


@pytest.mark.parametrize("by_number", [False, True])
@pytest.mark.parametrize("laplace", [None, LAPLACE])
@pytest.mark.parametrize("scale", ["probability", "log2", "log_odds"])
def test_pda(data, scale, laplace, by_number):
    y, z, ends = data

    def scaled(p):
        if laplace:
            p = (p * 1000 + 1) / (1000 + 10)
        return {"probability": p, "log2": math.log2(p), "log_odds": math.log2(p / (1 - p))}[scale]

    def formula(j, k):
        gone = ~z[:, j]
        w = 1 / (~z[gone]).sum(1) if by_number else np.ones(gone.sum())
        return scaled(ends.whole[k]) - scaled(np.average(y[gone, k], weights=w))

    found = of("pda", *data, scale=scale, laplace=laplace, by_number=by_number)
    assert np.allclose(found, each(formula))


def test_pda_has_no_logarithm_of_nothing():
    ends = Ends(np.array([0.5, 1.0]), np.zeros(2))
    found = of("pda", np.zeros((2, 2)), ~np.eye(2, dtype=bool), ends, scale="log_odds")
    assert np.isnan(found).all()


def ciu(values, whole, low, high):
    ci = (max(values) - min(values)) / (high - low)
    cu = (whole - min(values)) / (max(values) - min(values))
    return ci * (cu - 0.5)


@pytest.mark.parametrize("form", ["original", "inverse"])
def test_ciu_of_single_segments(form):
    rng = np.random.default_rng(1)
    y, ends = rng.random((2 * M + 5, K)), Ends(rng.random(K), rng.random(K))
    alone = np.concatenate([np.eye(M, dtype=bool)] * 2)
    z = np.concatenate([alone if form == "inverse" else ~alone, rng.random((5, M)) < 0.5])
    z[-5:, :2], z[-5:, 2:4] = True, False  # neither one alone kept nor one alone taken away

    def formula(j, k):
        said = [1 - y[n, k] if form == "inverse" else y[n, k] for n in (j, j + M)]
        whole = ends.whole[k]
        every = [*y[:, k], whole]
        return ciu([whole, *said], whole, min(every), max(every))

    assert np.allclose(of("ciu", y, z, ends, form=form), each(formula))


def test_ciu_of_sets(data):
    y, z, ends = data
    y, z = y[~z.all(1)], z[~z.all(1)]
    sets = np.unique(~z, axis=0)
    scores = coalition_scores(y, z, ends.whole, sets, 0.5)
    for members, found in zip(sets, scores, strict=True):
        inside = [n for n in range(len(z)) if not (~z[n] & ~members).any()]
        for k in range(K):
            every = [*y[:, k], ends.whole[k]]
            said = [ends.whole[k], *y[inside, k]]
            assert np.isclose(found[k], ciu(said, ends.whole[k], min(every), max(every)))
    means = [np.mean(scores[sets[:, j]], axis=0) for j in range(M)]
    assert np.allclose(of("ciu", *data, form="general"), means)


@pytest.mark.parametrize("name", ["LinearRegression", "Lasso", "RandomForestRegressor"])
def test_any_regressor(data, name):
    from sklearn.utils import all_estimators

    y, z, ends = data
    arguments = {"LinearRegression": {}, "Lasso": {"alpha": 0.01}}.get(name, {"n_estimators": 5})
    regressor = dict(all_estimators())[name](**arguments)
    if name.startswith("Random"):
        regressor.set_params(random_state=0)
    fitted = regressor.fit(z, y[:, 1])
    wanted = getattr(fitted, "coef_", None)
    if wanted is None:
        up = [y[z[:, j], 1].mean() > y[~z[:, j], 1].mean() for j in range(M)]
        wanted = fitted.feature_importances_ * np.where(up, 1, -1)
    found = of("regressor", y, z, ends, model=name, arguments=arguments)
    assert np.allclose(found[:, 1], wanted)


def test_a_regressor_with_a_kernel_is_lime(data):
    found = of("regressor", *data, model="Ridge", arguments={"alpha": 1.0}, kernel="cosine")
    assert np.allclose(found, of("lime", *data))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model": "Laso"}, "Did you mean 'Lasso'"),
        ({"model": "Ridge", "arguments": {"alhpa": 1}}, "alhpa"),
        ({"model": "KNeighborsRegressor"}, "neither coefficients nor importances"),
        ({"model": "KNeighborsRegressor", "kernel": "cosine"}, "refuses the samples"),
    ],
)
def test_a_wrong_regressor_is_told(data, settings, words):
    with pytest.raises(ZollstockError, match=words):
        of("regressor", *data, **settings)


def test_significance_and_difference_are_welchs(data):
    y, z, ends = data

    def test_of(j, k):
        return stats.ttest_ind(y[z[:, j], k], y[~z[:, j], k], equal_var=False)

    assert np.allclose(of("significance", *data), each(lambda j, k: test_of(j, k).statistic))
    one_sided = each(
        lambda j, k: (
            stats.ttest_ind(
                y[z[:, j], k], y[~z[:, j], k], equal_var=False, alternative="greater"
            ).pvalue
        )
    )
    assert np.allclose(of("significance", *data, value="confidence"), 1 - 2 * one_sided)
    differences = each(lambda j, k: y[z[:, j], k].mean() - y[~z[:, j], k].mean())
    assert np.allclose(of("difference", *data), differences)
    low, high = interval(y, z, {"confidence": 0.9}, ends)
    wanted = [each(lambda j, k, e=e: test_of(j, k).confidence_interval(0.9)[e]) for e in (0, 1)]
    assert np.allclose(low, wanted[0]) and np.allclose(high, wanted[1])


def test_rank(data):
    y, z, _ = data
    y = np.round(y, 1)  # with ties

    def formula(j, k):
        pairs = [np.sign(a - b) for a in y[z[:, j], k] for b in y[~z[:, j], k]]
        return np.mean(pairs)

    assert np.allclose(of("rank", y, z), each(formula))


@pytest.mark.parametrize("name", sorted(set(SETTINGS) - {"ciu"}))
def test_a_segment_that_matters_is_positive_for_all(name):
    rng = np.random.default_rng(0)
    z = rng.random((200, M)) < 0.5
    y = 0.2 + 0.5 * z[:, 2] + 0.01 * rng.random(200)
    found = of(name, y, z, Ends(np.array([0.7]), np.array([0.2])))[:, 0]
    assert found.argmax() == 2 and found[2] > 0


@pytest.mark.parametrize("form", ["original", "inverse", "general"])
def test_a_segment_that_matters_is_positive_for_ciu(form):
    alone = np.eye(M, dtype=bool)
    z = alone if form == "inverse" else ~alone
    y = 0.2 + 0.5 * z[:, 2]
    found = of("ciu", y, z, Ends(np.array([0.7]), np.array([0.2])), form=form)[:, 0]
    assert found.argmax() == 2 and found[2] > 0


# What each says of a segment that is always kept, then of one that is never kept.
UNDEFINED = {
    "rise": (False, True),
    "lime": (False, False),  # of a ridge: nothing speaks for it, 0
    "kernel_shap": (False, False),  # told by the constraint; together see below
    "pda": (True, False),
    "ciu": (True, False),
    "regressor": (False, False),
    "significance": (True, True),
    "rank": (True, True),
    "difference": (True, True),
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("kept", [True, False])
def test_a_segment_that_is_always_or_never_kept(data, name, kept):
    y, z, ends = data
    z = z.copy()
    z[:, 4] = kept
    found = of(name, y, z, ends)
    assert np.isnan(found[4]).all() == UNDEFINED[name][0 if kept else 1]
    rest = np.delete(found, 4, axis=0)
    if name != "ciu":  # of which no sample takes away others alone where one is always gone
        assert np.isfinite(rest).all()


def test_least_squares_does_not_invent_a_slope(data):
    y, z, _ = data
    z = z.copy()
    z[:, 5] = z[:, 1]  # two that cannot be told apart
    z[:, 4] = True
    found = of("lime", y, z, ridge=0.0, kernel="none")
    assert np.isnan(found).all(1).tolist() == [False, True, False, False, True, True, False]


def test_shapley_values_that_nothing_tells_apart_are_nan(data):
    y, z, ends = data
    z = z.copy()
    z[:, 5] = z[:, 1]
    found = of("kernel_shap", y, z, ends)
    assert np.isnan(found).all(1).tolist() == [False, True, False, False, False, True, False]


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("n", [0, 1])
def test_one_sample_or_none(data, name, n):
    y, z, ends = data
    found = of(name, y[:n], z[:n], ends)
    assert found.shape == (M, K)
    if n == 0:
        assert np.isnan(found).all()
    if name in {"kernel_shap", "significance", "difference", "rank", "regressor"}:
        assert np.isnan(found).all()


@pytest.mark.parametrize("name", SETTINGS)
def test_constant_outputs(data, name):
    _, z, _ = data
    ends = Ends(np.full(1, 0.3), np.full(1, 0.3))
    found = of(name, np.full((N, 1), 0.3), z, ends)
    assert np.allclose(found, 0.3 if name == "rise" else 0.0, atol=1e-12)


@pytest.mark.parametrize("name", SETTINGS)
def test_one_segment(name):
    y, z = np.array([0.1, 0.7, 0.2, 0.6]), np.array([[False], [True], [False], [True]])
    found = of(name, y, z, Ends(np.array([0.65]), np.array([0.15])))
    assert found.shape == (1, 1) and found[0, 0] > 0


def test_one_dimensional_outputs_are_one_output(data):
    y, z, _ = data
    assert (of("rise", y[:, 0], z) == of("rise", y[:, :1], z)).all()
    with pytest.raises(ValueError, match="do not fit"):
        of("rise", y[:5], z)


def test_all_outputs_at_once_are_each_alone(data):
    y, z, ends = data
    for name in SETTINGS:
        alone = [
            of(name, y[:, [k]], z, Ends(ends.whole[[k]], ends.empty[[k]]))[:, 0] for k in range(K)
        ]
        assert np.allclose(of(name, y, z, ends).T, alone), name
