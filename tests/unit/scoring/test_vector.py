from itertools import permutations as all_orders

import numpy as np
import pandas as pd
import pytest

from zollstock.errors import ZollstockError
from zollstock.scoring.effects import vector_gradient
from zollstock.scoring.jitter import signature
from zollstock.scoring.moments import moments_of_distances, null_moments
from zollstock.scoring.shuffle import null_distribution, shuffle_test
from zollstock.scoring.statistics import evaluate
from zollstock.scoring.vector import (
    ClassEffects,
    class_effects,
    distances,
    from_reference,
    headline_of_classes,
    signature_of_distances,
    table_of_classes,
    vector_null,
    vector_test,
)

NAMES = ("epgm", "paper_grad")
FIELDS = ("score", "p_value", "p_paper", "null_mean", "null_std", "z")


def simplex(*shape):
    values = np.random.default_rng(21).random(shape) ** 3
    return values / values.sum(axis=-1, keepdims=True)


def two(p):
    return np.stack([p, 1 - p], axis=-1)


def test_distance_is_the_probability_that_changes_class():
    a, b, c = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.7, 0.2, 0.1]
    np.testing.assert_allclose(distances([a, b, c]), [[0, 0.6, 0], [0.6, 0, 0.6], [0, 0.6, 0]])
    # From the unedited picture, which need not be the first step.
    np.testing.assert_allclose(
        from_reference(np.array([[a, b, c], [b, b, a]]), np.array([a, a])),
        [[0, 0.6, 0], [0.6, 0.6, 0]],
    )
    assert np.isnan(distances([a, [np.nan, 0.5, 0.5]])).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("steps", [2, 3, 4, 9, 30])
def test_two_classes_are_the_test_of_one(rng, name, steps):
    p = np.round(rng.random(steps), 1)
    one, both = shuffle_test(p, name, 200, seed=3), vector_test(distances(two(p)), name, 200, 3)
    for field in FIELDS:
        assert getattr(both, field) == pytest.approx(getattr(one, field), rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(
        vector_null(distances(two(p)), name, 200, 3), null_distribution(p, name, 200, 3)
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("steps", [2, 3, 4, 5, 6])
def test_moments_are_those_of_all_orders(name, steps):
    path = simplex(steps, 4)

    def score(order):
        x = path[list(order)]
        if name == "epgm":
            return np.abs(np.diff(x, axis=0)).sum() / 2
        # Differences of vectors, as numpy.gradient takes them.
        return np.abs(np.gradient(x, axis=0)).sum() / 2 / steps

    scores = [score(order) for order in all_orders(range(steps))]
    mean, variance = moments_of_distances(distances(path)[None], name)
    assert mean[0] == pytest.approx(np.mean(scores), rel=1e-12)
    assert variance[0] == pytest.approx(np.var(scores), rel=1e-9, abs=1e-30)
    assert vector_test(distances(path), name, 20).score == pytest.approx(score(range(steps)))


def test_moments_of_distances_on_a_line_are_those_of_its_points(rng):
    p = rng.random(40)
    for name in NAMES:
        mean, variance = moments_of_distances(np.abs(p - p[:, None])[None], name)
        assert (mean[0], variance[0]) == pytest.approx(null_moments(p, name), rel=1e-10)


def test_score_is_the_total_variation_travelled():
    path = simplex(25, 7)
    assert vector_test(distances(path), "epgm", 20).score == pytest.approx(
        vector_gradient(path, norm="tv")
    )


def test_a_path_that_stands_and_one_without_numbers():
    still = vector_test(distances(np.full((9, 4), 0.25)), "epgm", 50)
    assert (still.score, still.p_value, still.p_paper, still.z) == (0, 1, 1, 0)
    gone = vector_test(distances(np.full((9, 4), np.nan)), "epgm", 50)
    assert all(np.isnan(getattr(gone, field)) for field in FIELDS)


def test_other_statistics_are_refused():
    for function in (vector_test, vector_null):
        with pytest.raises(ZollstockError, match="sums of distances"):
            function(np.zeros((5, 5)), "corr")


def test_permutations_in_parts_are_the_same(monkeypatch):
    apart = distances(simplex(20, 5))
    whole = vector_null(apart, "epgm", 50, 1)
    monkeypatch.setattr("zollstock.scoring.vector._AT_ONCE", 60)
    np.testing.assert_array_equal(vector_null(apart, "epgm", 50, 1), whole)


def test_a_path_in_another_order_is_as_extreme_as_chance_has_it():
    paths = simplex(400, 12, 5)
    p = [vector_test(distances(path), "epgm", 99, seed=n).p_value for n, path in enumerate(paths)]
    assert 0.02 < np.mean(np.array(p) <= 0.05) < 0.09


def test_effects_of_each_class():
    paths = simplex(3, 20, 4)
    paths[1, 4, 2] = np.nan
    found = class_effects(paths.astype(np.float32))
    for n, c in ((0, 1), (2, 3)):
        p = paths[n, :, c].astype(np.float32)
        assert found.gradient[n, c] == pytest.approx(evaluate("epgm", p))
        assert found.signed[n, c] == pytest.approx(p[-1] - p[0])
    assert np.isnan(found.gradient[1]).all() and np.isnan(found.signed[1]).all()
    assert found.gradient[0].sum() / 2 == pytest.approx(
        vector_gradient(paths[0], norm="tv"), rel=1e-5
    )


def test_signature_of_two_classes_is_that_of_one(rng):
    p = rng.random(30)
    spacings, tv = signature(p)
    np.testing.assert_allclose(signature_of_distances(distances(two(p)), spacings), tv)


def table(gradient, model="m"):
    values = np.array(gradient, dtype=float)
    effects = ClassEffects(values, -values)
    made = table_of_classes([("a", 0), ("a", 1), ("b", 0)], ("cat", "dog"), effects)
    return made.assign(property="fur", model=model)


def test_table_has_a_row_per_path_and_class():
    made = table([[1, 2], [3, 4], [5, 6]])
    assert made["image"].tolist() == ["a", "a", "a", "a", "b", "b"]
    assert made["replicate"].tolist() == [0, 0, 1, 1, 0, 0]
    assert made["class"].tolist() == ["cat", "dog"] * 3
    assert made["gradient"].tolist() == [1, 2, 3, 4, 5, 6]


def test_headline_means_over_paths_and_gathers_parts():
    one = table([[1, 2], [3, 4], [5, np.nan]])
    other = table([[0, 0], [0, 0], [0, 0]]).assign(image=["c", "c", "c", "c", "d", "d"])
    found = headline_of_classes(iter([one, other])).set_index("class")
    assert found.loc["cat", "gradient"] == pytest.approx((1 + 3 + 5) / 6)
    assert found.loc["dog", "gradient"] == pytest.approx((2 + 4) / 5)
    assert found["paths"].to_dict() == {"cat": 6, "dog": 5}
    assert found.loc["cat", "signed"] == -found.loc["cat", "gradient"]
    assert found["share"].sum() == pytest.approx(1) and found.index[0] == "cat"
    pd.testing.assert_frame_equal(
        headline_of_classes(iter([pd.concat([one, other])])).set_index("class"), found
    )
    assert headline_of_classes(iter([])).empty
