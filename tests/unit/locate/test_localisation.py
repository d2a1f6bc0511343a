"""Measures of where a map lies, by hand and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from zollstock.errors import ZollstockError
from zollstock.locate.evaluation.localisation import (
    iou,
    localisation,
    mass_above_least,
    mass_inside,
    pointing_game,
    rank_auc,
)

MAP = np.array([[4.0, -2.0, 0.0], [1.0, 3.0, 0.0]])
MASK = np.array([[1.0, 1.0, 0.0], [0.0, 0.5, 0.0]])


def test_by_hand():
    assert pointing_game(MAP, MASK) == 1
    assert pointing_game(-MAP, MASK) == 1 and pointing_game(MAP, 1 - MASK) == 0
    assert mass_inside(MAP, MASK) == (4 + 1.5) / 8
    assert mass_above_least(MAP, MASK) == (6 + 0 + 2.5) / 18
    # An area of 2.5: 4 and 3 whole, half of 1.
    assert iou(MAP, MASK) == (1 + 0 + 0.5) / (1 + 1 + 0.5 + 1)
    assert iou(MASK > 0.6, MASK > 0.6) == 1


def test_ties_count_by_share():
    tied = np.array([[1.0, 1.0, 1.0, 0.0]])
    mask = np.array([[1.0, 0.0, 0.0, 1.0]])
    assert pointing_game(tied, mask) == pytest.approx(1 / 3)
    assert iou(tied, mask) == pytest.approx((2 / 3) / (1 + 2 / 3 + 2 / 3 + 1))
    assert rank_auc(tied, mask) == 0.25


def test_auc_is_scikit_learns():
    rng = np.random.default_rng(0)
    values = rng.integers(0, 9, (7, 5)).astype(float)
    hard = rng.random((7, 5)) < 0.4
    assert rank_auc(values, hard) == pytest.approx(roc_auc_score(hard.ravel(), values.ravel()))
    soft = rng.random((7, 5))
    twice = np.r_[np.ones(35), np.zeros(35)]
    weight = np.r_[soft.ravel(), 1 - soft.ravel()]
    wanted = roc_auc_score(twice, np.tile(values.ravel(), 2), sample_weight=weight)
    assert rank_auc(values, soft) == pytest.approx(wanted)


def test_constant_maps_and_empty_masks_mean_nothing():
    flat, none = np.zeros((2, 3)), np.zeros((2, 3))
    assert np.isnan(pointing_game(flat, MASK)) and np.isnan(mass_inside(flat, MASK))
    assert np.isnan(mass_above_least(flat, MASK)) and rank_auc(flat, MASK) == 0.5
    assert np.isnan(iou(MAP, none)) and np.isnan(rank_auc(MAP, none))
    assert np.isnan(rank_auc(MAP, none + 1))
    assert np.isnan(mass_inside(-np.ones((2, 3)), MASK))


def test_pixels_without_a_value_are_left_out():
    hole = MAP.copy()
    hole[0, 0] = np.nan
    assert mass_inside(hole, MASK) == 1.5 / 4
    assert set(localisation(hole, MASK)) == {
        "pointing_game", "mass_inside", "mass_above_least", "iou", "rank_auc",
    }  # fmt: skip


def test_wrong_masks_are_told():
    with pytest.raises(ZollstockError, match="one weight a pixel"):
        iou(MAP, MASK.T)
    with pytest.raises(ZollstockError, match="from 0 to 255"):
        iou(MAP, MASK * 255)
    with pytest.raises(ZollstockError, match="no value"):
        iou(MAP * np.nan, MASK)
