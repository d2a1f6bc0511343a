"""The minimum-effect tests."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from zollstock.errors import ZollstockError
from zollstock.significance.cutting import PLACEBO_STATISTICS
from zollstock.significance.minimum import minimum_effect_group, minimum_effect_p
from zollstock.significance.placebo import placebo_p

NAN = np.nan


def test_definition():
    placebos = [[0.1, 0.2, 0.3, NAN]]
    assert minimum_effect_p([0.32], placebos, 0.1)[0] == 2 / 4
    assert minimum_effect_p([0.3], placebos, 0.1)[0] == 3 / 4  # 0.2 + 0.1 is a tie
    assert minimum_effect_p([0.5], placebos, 0.1)[0] == 1 / 4


def test_no_minimum_is_the_placebo_test_and_p_grows_with_it(rng):
    target, placebos = rng.random(40), rng.random((40, 9)) / 2
    previous = placebo_p(target, placebos)
    np.testing.assert_array_equal(minimum_effect_p(target, placebos, 0.0), previous)
    for delta in (0.1, 0.2, 0.4):
        p = minimum_effect_p(target, placebos, np.full(40, delta))
        assert (p >= previous).all() and (p <= 1).all()
        previous = p


@pytest.mark.parametrize("name", PLACEBO_STATISTICS)
def test_level_at_the_border(name):
    """A real effect of exactly δ on top of placebo-like noise is not called larger than δ."""
    noise = np.random.default_rng(13).normal(size=(2000, 20, 9)) / 4
    noise[:, 0] += 0.5 * np.linspace(0, 1, 9)
    values = PLACEBO_STATISTICS[name](noise.reshape(-1, 9)).reshape(2000, 20)
    target, placebos = values[:, 0], values[:, 1:]
    assert (minimum_effect_p(target, placebos, 0.5) <= 0.05).mean() <= 0.062
    assert (placebo_p(target, placebos) <= 0.05).mean() > 0.1


def test_missing():
    assert np.isnan(minimum_effect_p([NAN, 0.1], [[0.1], [NAN]], 0.1)).all()
    assert np.isnan(minimum_effect_group([NAN, NAN], 0.1))
    assert minimum_effect_group([0.4], 0.1) == 0.5
    assert minimum_effect_group([0.4, NAN], 0.1) == 0.5


def test_group_is_exact_and_order_free(rng):
    values = np.array([0.3, 0.25, 0.4, 0.2, 0.35])
    assert minimum_effect_group(values, 0.1) == 1 / 32
    assert minimum_effect_group(values, 0.9) == 1.0
    noisy = rng.normal(0.1, 0.1, 10)
    assert minimum_effect_group(noisy, 0.05) == minimum_effect_group(noisy[::-1], 0.05)


def test_group_agrees_with_student_on_normal_effects(rng):
    ours, student = [], []
    for _ in range(60):
        values = rng.normal(0.15, 0.1, 12)
        ours.append(minimum_effect_group(values, 0.1))
        student.append(ttest_1samp(values, 0.1, alternative="greater").pvalue)
    np.testing.assert_allclose(ours, student, atol=0.06)


@pytest.mark.parametrize("skewed", [False, True])
def test_group_level(skewed):
    rng = np.random.default_rng(14)
    draws = rng.exponential(0.1, (1500, 10)) if skewed else rng.normal(0.1, 0.1, (1500, 10))
    rejected = np.mean([minimum_effect_group(values, 0.1) <= 0.05 for values in draws])
    assert rejected <= 0.065


def test_wrong_arguments_name_the_fix():
    for delta in (-0.1, NAN, np.inf):
        with pytest.raises(ZollstockError, match="delta"):
            minimum_effect_p([0.1], [[0.2]], delta)
    with pytest.raises(ZollstockError, match="Average"):
        minimum_effect_group(np.zeros((2, 2)), 0.1)
