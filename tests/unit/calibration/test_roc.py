"""ROC curves and areas against an independent route."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from zollstock.calibration.roc import roc_tables, scored, truths
from zollstock.seeds import rng_for
from zollstock.significance.roc import auc, auc_interval, curve

CASES = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({flag for _, flag in rows}) == 2
)


@given(CASES)
def test_area_is_scikit_learns(rows):
    scores, flags = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    assert auc(scores, flags) == pytest.approx(roc_auc_score(flags, scores))


@given(CASES)
def test_curve_is_scikit_learns_and_has_that_area(rows):
    scores, flags = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    wrong, right = curve(scores, flags)
    theirs = roc_curve(flags, scores, drop_intermediate=False)
    np.testing.assert_allclose([wrong, right], theirs[:2])
    assert np.trapezoid(right, wrong) == pytest.approx(auc(scores, flags))


def test_without_one_kind_there_is_no_area():
    scores = np.arange(4.0)
    assert np.isnan(auc(scores, np.ones(4, bool)))
    assert np.isnan(auc_interval(scores, np.zeros(4, bool), list("abcd"), 1)).all()
    assert np.isnan(auc_interval(scores, np.eye(4)[0] > 0, list("aaaa"), 1)).all()


def test_interval_covers_redraws_images_whole_and_ignores_order():
    rng = rng_for("test", "auc")
    flags = np.repeat(rng.random(40) < 0.5, 3)
    scores = flags + rng.normal(size=120) + np.repeat(rng.normal(size=40), 3)
    names = [f"im{k:02d}" for k in np.repeat(np.arange(40), 3)]
    low, high = auc_interval(scores, flags, names, 1)
    assert low < auc(scores, flags) < high
    order = rng.permutation(120)
    again = auc_interval(scores[order], flags[order], [names[k] for k in order], 1)
    assert again == pytest.approx((low, high))
    # Rows of one image say less than as many images.
    single = auc_interval(scores, flags, [f"{k}" for k in range(120)], 1)
    assert single[1] - single[0] < high - low


def test_truths():
    dense = np.array([[0.4, 0.45], [0.45, 0.55], [0.1, 0.4], [0.0, 0.0]])
    found = truths(dense, np.array([False, True, False, False]), 0.2)
    assert list(found["flips"]) == [False, True, False, False]
    assert list(found["moves"]) == [False, True, True, False]


def test_tables_have_areas_per_model_and_one_curve_for_all():
    rng = rng_for("test", "tables")
    height = np.linspace(0, 0.9, 12)
    x = np.linspace(0, 1, 9)
    series = height[:, None] * x + 0.001 * rng.normal(size=(12, 9))
    paths = {"exact": np.stack([series, series[::-1]])}
    paths["edited"] = paths["exact"].copy()
    paths["edited"][1, 3] = np.nan  # a path that could not be made
    table = scored(["a", "b"], [f"im{k}" for k in range(12)], paths)
    flags = {"flips": np.concatenate([height > 0.4, height[::-1] > 0.4])}
    areas, curves = roc_tables(table, flags, 1)
    found = areas.set_index(["engine", "statistic", "model"])
    assert found.loc[("exact", "epgm", "all"), "auc"] == 1
    assert found.loc[("exact", "epgm", "a"), "n"] == 12
    assert found.loc[("edited", "epgm", "b"), "n"] == 11
    assert set(zip(curves["engine"], curves["statistic"], strict=True)) == {
        (engine, statistic) for engine in paths for statistic in ("epgm", "corr", "mi")
    }


def test_without_any_curve_the_table_has_its_columns():
    table = scored(["a"], ["x", "y"], {"exact": np.zeros((1, 2, 9))})
    areas, curves = roc_tables(table, {"flips": np.zeros(2, bool)}, 1)
    assert areas["auc"].isna().all()
    assert list(curves.columns[:2]) == ["false_positive", "true_positive"]
    assert not len(curves)
