"""Foretelling changed decisions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zollstock.locate.flips import best_threshold, foretell
from zollstock.seeds import rng_for
from zollstock.significance.roc import auc, auc_lead

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=30)


@given(PAIRS)
def test_no_threshold_is_better_than_the_best(pairs):
    values = np.array([float(value) for value, _ in pairs])
    flipped = np.array([flip for _, flip in pairs])
    threshold, accuracy = best_threshold(values, flipped)
    assert ((values > threshold) == flipped).mean() == accuracy
    tried = [((values > at) == flipped).mean() for at in np.arange(-1, 6, 0.5)]
    assert accuracy == max(tried)


def test_neighbouring_floats_are_told_apart():
    low = 1.0
    high = np.nextafter(low, 2)
    threshold, accuracy = best_threshold(np.array([low, high]), np.array([False, True]))
    assert accuracy == 1
    assert low <= threshold < high


def test_a_number_that_knows_the_answer():
    flipped = np.array([False, True] * 10)
    found = foretell(flipped + 0.0, flipped, [str(k) for k in range(20)], 1)
    assert (found.n, found.flips, found.majority) == (20, 10, 0.5)
    assert (found.accuracy, found.accuracy_fair, found.auc) == (1, 1, 1)


def test_the_published_accuracy_flatters_and_the_fair_one_does_not():
    rng = rng_for("flips")
    published, fair, areas = [], [], []
    for _ in range(100):
        values, flipped = rng.normal(size=20), rng.random(20) < 0.5
        found = foretell(values, flipped, [str(k) for k in range(20)], 1)
        published.append(found.accuracy)
        fair.append(found.accuracy_fair)
        areas.append(found.auc)
    assert np.mean(published) > 0.6
    assert np.mean(fair) < 0.55
    assert np.nanmean(areas) == pytest.approx(0.5, abs=0.04)


def test_rows_of_one_image_do_not_judge_each_other():
    # Two images that contradict each other. Judged by b, of which one answer is best for all,
    # half of a is right; judged by a, nothing of b is. Left out row by row it would be more.
    values = np.array([1.0, 2.0, 1.0, 2.0])
    flipped = np.array([False, True, True, False])
    found = foretell(values, flipped, ["a", "a", "b", "b"], 1)
    assert found.accuracy_fair == 0.25


def test_what_cannot_be_told():
    none = foretell(np.array([np.nan]), np.array([True]), ["a"], 1)
    assert none.n == 0
    assert np.isnan(none.accuracy)
    one = foretell(np.array([1.0]), np.array([True]), ["a"], 1)
    assert (one.n, one.accuracy) == (1, 1)
    assert np.isnan(one.accuracy_fair)
    assert np.isnan(one.auc)
    alike = foretell(np.arange(5.0), np.zeros(5, bool), list("abcde"), 1)
    assert (alike.accuracy, alike.majority) == (1, 1)
    assert np.isnan(alike.auc)
    assert np.isnan([alike.low, alike.high]).all()


def test_differences_between_models_foretell_nothing_within_them():
    # One model always changes its mind, one never does, and the number knows the model alone.
    rng = rng_for("strata")
    flipped = np.repeat([True, False], 20)
    values = flipped + rng.normal(size=40) / 10
    images = [str(k) for k in range(20)] * 2
    models = ["biased"] * 20 + ["unbiased"] * 20
    assert foretell(values, flipped, images, 1).auc == 1
    within = foretell(values, flipped, images, 1, strata=models)
    assert np.isnan([within.auc, within.low, within.high]).all()
    assert within.majority == 1


def test_within_models_is_the_area_over_pairs_of_the_same_model():
    rng = rng_for("pairs")
    values, flipped = rng.normal(size=30), rng.random(30) < 0.4
    models = np.array(["a", "b", "c"] * 10)
    found = foretell(values, flipped, [str(k) for k in range(30)], 1, strata=models.tolist())
    won = total = 0
    for i in np.flatnonzero(flipped):
        for j in np.flatnonzero(~flipped):
            if models[i] == models[j]:
                won, total = won + (values[i] > values[j]), total + 1
    assert found.auc == pytest.approx(won / total)


def test_the_fair_accuracy_has_an_interval_over_images():
    rng = rng_for("fair")
    flipped = rng.random(60) < 0.5
    values = flipped + rng.normal(size=60)
    found = foretell(values, flipped, [str(k) for k in range(60)], 1)
    spread = np.sqrt(found.accuracy_fair * (1 - found.accuracy_fair) / 60)
    assert found.fair_low < found.accuracy_fair < found.fair_high
    assert found.fair_high - found.fair_low == pytest.approx(2 * 1.96 * spread, rel=0.2)
    # Images, not rows: every row twice says nothing more.
    twice = foretell(
        np.repeat(values, 2), np.repeat(flipped, 2), np.repeat([str(k) for k in range(60)], 2), 1
    )
    assert twice.fair_high - twice.fair_low == pytest.approx(found.fair_high - found.fair_low)


def test_the_lead_of_a_number_is_the_difference_of_areas():
    rng = rng_for("lead")
    flipped = rng.random(80) < 0.5
    good, poor = flipped + rng.normal(size=80), rng.normal(size=80)
    images, models = [str(k % 40) for k in range(80)], ["a", "b"] * 40
    for strata in (None, models):
        lead, low, high = auc_lead(good, poor, flipped, images, 1, strata=strata)
        wanted = auc(good, flipped, strata) - auc(poor, flipped, strata)
        assert lead == pytest.approx(wanted)
        assert 0 < low < lead < high
    assert auc_lead(good, good, flipped, images, 1) == (0, 0, 0)
    assert np.isnan(auc_lead(good, poor, np.ones(80, bool), images, 1)).all()
