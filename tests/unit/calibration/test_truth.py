"""Closed forms against an independent route, and scores against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zollstock.calibration.classifiers import OTHERS, classifiers
from zollstock.calibration.truth import (
    as_columns,
    error_against_steps,
    errors,
    estimates,
    exact_probabilities,
    exact_scores,
)
from zollstock.seeds import seed_for
from zollstock.worlds import get_world

PETS = get_world("pets")
CLASSIFIERS = classifiers("fur_lightness")
EVERY = [classifier for latent in OTHERS for classifier in classifiers(latent)]
BY_NAME = {classifier.name: classifier for classifier in CLASSIFIERS}


def latents(count):
    seeds = np.array([seed_for("test", k) for k in range(count)], dtype=np.uint64)
    return PETS.sample(np.arange(count) % 2, seeds)


@pytest.mark.parametrize("classifier", EVERY, ids=lambda found: found.title)
@given(ends=st.tuples(st.floats(0, 1), st.floats(0, 1)), image=st.integers(0, 19))
@settings(max_examples=25, deadline=None)
def test_closed_form_is_the_total_variation_of_any_part_of_the_range(classifier, ends, image):
    low, high = sorted(ends)
    one = as_columns({name: value[[image]] for name, value in latents(20).items()})
    fine = classifier.probability(one, np.linspace(low, high, 40_001)[None])
    wanted = np.abs(np.diff(fine)).sum()
    found = classifier.variation(one, np.array([[low]]), np.array([[high]]))
    assert found.shape == (1, 1)
    assert found[0, 0] == pytest.approx(wanted, abs=1e-6)


def test_exact_engine_is_within_a_millionth_when_dense():
    table = error_against_steps(CLASSIFIERS, latents(6), "pets", [9, 10_001])
    dense = table[(table["steps"] == 10_001) & (table["statistic"] == "epgm")]
    assert len(dense) == len(CLASSIFIERS)
    assert dense["worst"].max() <= 1e-6


def test_error_falls_with_the_square_of_the_steps_and_the_papers_with_the_steps():
    table = error_against_steps(CLASSIFIERS, latents(40), "pets", [65, 257])
    rmse = table.set_index(["classifier", "statistic", "steps"])["rmse"]
    for name in ("bump", "wave"):
        assert 10 < rmse[name, "epgm", 65] / rmse[name, "epgm", 257] < 26
        assert 3 < rmse[name, "paper_grad", 65] / rmse[name, "paper_grad", 257] < 6
    for name in ("logistic", "interaction", "step", "other"):
        assert rmse[name, "epgm", 65] < 1e-15


def test_truths_differ_as_they_should():
    found = {name: exact_scores(classifier, latents(50)) for name, classifier in BY_NAME.items()}
    assert (found["other"] == 0).all()
    assert found["step"] == pytest.approx(0.8)
    assert found["wave"] == pytest.approx(2.4)
    assert np.ptp(found["interaction"]) > 0.3
    assert (found["logistic"] > 0.5).all()


def test_exact_paths_set_the_latent_and_nothing_else():
    drawn = latents(3)
    for classifier in EVERY:
        latent = classifier.latent
        changed = dict(drawn) | {latent: drawn[latent][::-1].copy()}
        one, other = (
            exact_probabilities(classifier, found, "pets", 7) for found in (drawn, changed)
        )
        assert one.shape == (3, 7)
        np.testing.assert_array_equal(one, other)


def test_the_other_latent_is_what_the_formulas_depend_on_beside_it():
    drawn = latents(3)
    for classifier in EVERY:
        other = OTHERS[classifier.latent]
        changed = dict(drawn) | {other: 1 - drawn[other]}
        one, two = (exact_probabilities(classifier, found, "pets", 7) for found in (drawn, changed))
        depends = classifier.name in {"other", "interaction"}
        assert np.array_equal(one, two) != depends, classifier.title


def test_estimates_of_a_ramp_are_its_height_in_one_unit():
    found = estimates(np.linspace(0.1, 0.7, 9)[None])
    assert set(found) == {"epgm", "epgm_4", "paper_grad"}
    for name, score in found.items():
        assert score == pytest.approx(0.6), name
    assert set(estimates(np.array([[0.0, 1.0, 0.0]]))) == {"epgm", "paper_grad"}


def test_errors():
    found = errors(np.array([1.0, 2.0, np.nan, 4.0]), np.array([1.0, 1.0, 1.0, 6.0]))
    assert found["n"] == 3
    assert found["bias"] == pytest.approx(-1 / 3)
    assert found["rmse"] == pytest.approx(np.sqrt(5 / 3))
    assert found["worst"] == 2
    assert np.isnan(errors(np.array([np.nan]), np.array([1.0]))["bias"])


def test_errors_take_rounding_for_ties():
    found = errors(np.array([0.8, 0.8 + 1e-16, 0.8]), np.arange(3.0))
    assert np.isnan(found["spearman"]) and found["n"] == 3
    found = errors(np.array([1.0, 2.0, 9.0]), np.array([3.0, 4.0, 5.0]))
    assert found["spearman"] == pytest.approx(1)
