"""Weights of segments: they sum to one inside the picture, whatever the form of masks."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from zollstock.locate import masks as module
from zollstock.locate.masks import SIGMA_SHARE, masks_for
from zollstock.locate.perturbation import project
from zollstock.locate.segments import segments_of

SHAPES = [(24, 24), (17, 40), (40, 13)]
GRID = {"name": "grid", "rows": 4, "columns": 5}


def grid_masks(shape, kind="hard", grid=GRID, **more):
    labels = segments_of(np.zeros((*shape, 3), np.uint8), grid)
    settings = {"kind": kind, "sigma": None, "shift": False} | more
    return labels, masks_for(labels, settings, grid)


def label_masks(labels, kind="hard", sigma=None):
    return masks_for(labels, {"kind": kind, "sigma": sigma, "shift": False}, {"name": "slic"})


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["hard", "bilinear", "gaussian"])
@pytest.mark.parametrize("shift", [False, True])
def test_weights_of_a_grid_sum_to_one(shape, kind, shift):
    _, masks = grid_masks(shape, kind, shift=shift)
    offsets = masks.shifts(masks.m, np.random.default_rng(0))
    still = None if offsets is None else np.repeat(offsets[:1], masks.m, axis=0)
    weights = masks.of(np.eye(masks.m, dtype=bool), still).numpy()
    assert weights.shape == (20, *shape) and weights.min() >= 0
    assert np.allclose(weights.sum(0), 1, atol=1e-5)
    whole = masks.of(np.ones((masks.m, masks.m), bool), offsets).numpy()
    assert np.allclose(whole, 1, atol=1e-5)


def test_bilinear_weights_do_not_fold_at_the_rim():
    _, masks = grid_masks((20, 20), "bilinear", {"name": "grid", "rows": 2, "columns": 2})
    corner = masks.of(np.array([[True, False, False, False]])).numpy()[0]
    assert np.allclose(corner[:5, :5], 1)  # to the cell's centre, at 4.5
    # Linear between both centres, 4.5 and 14.5.
    assert np.allclose(corner[0, 5:15], 1 - (np.arange(5, 15) - 4.5) / 10)
    assert np.allclose(corner[0, 15:], 0)


def test_a_hard_grid_is_its_labels():
    labels, masks = grid_masks((17, 40))
    z = np.random.default_rng(0).random((6, 20)) < 0.5
    assert (masks.of(z).numpy() == z[:, labels]).all()
    assert (label_masks(labels).of(z).numpy() == z[:, labels]).all()


@pytest.mark.parametrize("dense", [True, False])
def test_gaussian_masks_are_blurred_hard_ones(monkeypatch, dense):
    if not dense:
        monkeypatch.setattr(module, "_DENSE", 0)
    labels, grid = grid_masks((17, 40), "gaussian", sigma=3.0)
    z = np.random.default_rng(0).random((6, 20)) < 0.5
    wanted = [gaussian_filter(one.astype(float), 3.0, mode="reflect") for one in z[:, labels]]
    assert np.allclose(grid.of(z), wanted, atol=1e-5)
    other = label_masks(labels, "gaussian", 3.0)
    assert (other._weights is not None) == dense
    assert np.allclose(other.of(z), wanted, atol=1e-5)
    assert np.allclose(other.project(z.T.astype(float)), wanted, atol=1e-9)


def test_sigma_is_stated():
    _, masks = grid_masks((224, 224), "gaussian", {"name": "grid", "rows": 7, "columns": 7})
    assert masks.sigma == pytest.approx(10.0) == SIGMA_SHARE * 32
    assert grid_masks((24, 24))[1].sigma is None


@pytest.mark.parametrize("kind", ["hard", "bilinear", "gaussian"])
def test_projection_is_the_same_sum(kind):
    _, masks = grid_masks((17, 40), kind)
    z = np.random.default_rng(0).random((6, 20)) < 0.5
    assert np.allclose(masks.of(z), masks.project(z.T.astype(float)), atol=1e-5)


def test_a_shifted_grid_is_projected_at_its_mean():
    _, masks = grid_masks((16, 25), "bilinear", shift=True)
    room = [(0, 4), (0, 5)]
    every = np.array([(a, b) for a in range(*room[0]) for b in range(*room[1])])
    drawn = masks.shifts(5000, np.random.default_rng(0))
    assert {tuple(row) for row in drawn} == {tuple(row) for row in every}
    one = np.zeros((len(every), 20), bool)
    one[:, 7] = True
    values = np.zeros((20, 1))
    values[7] = 1
    assert np.allclose(masks.of(one, every).mean(0), masks.project(values)[0], atol=1e-6)
    # A window further down sees what lies below.
    z = np.random.default_rng(1).random((1, 20)) < 0.5
    still, moved = masks.of(np.repeat(z, 2, 0), np.array([[0, 0], [2, 3]])).numpy()
    assert np.allclose(still[2:, 3:], moved[:-2, :-3])


@pytest.mark.parametrize("sigma", [None, 2.0])
def test_one_segment_and_a_segment_of_one_pixel(sigma):
    labels = np.zeros((9, 7), int)
    kind = "hard" if sigma is None else "gaussian"
    assert np.allclose(label_masks(labels, kind, sigma).of(np.ones((2, 1), bool)), 1, atol=1e-5)
    labels[4, 3] = 1
    weights = label_masks(labels, kind, sigma).of(np.eye(2, dtype=bool)).numpy()
    assert np.allclose(weights.sum(0), 1, atol=1e-5) and weights[1].argmax() == 4 * 7 + 3


def test_only_grids_are_bilinear():
    with pytest.raises(ValueError, match="only a grid"):
        label_masks(np.zeros((4, 4), int), "bilinear")


def test_undefined_segments_make_undefined_pixels():
    labels, masks = grid_masks((16, 25))
    values = np.arange(20.0)[:, None]
    values[3] = np.nan
    found = project(masks, values)[0]
    assert (np.isnan(found) == (labels == 3)).all()
    assert (found[labels != 3] == labels[labels != 3]).all()
    _, soft = grid_masks((16, 25), "bilinear")
    ones = np.ones((20, 1))
    ones[3] = np.nan
    found = project(soft, ones)[0]
    assert np.isnan(found).any() and np.allclose(found[~np.isnan(found)], 1)
    # Where half of a pixel's weight or more is on segments that are defined.
    alone = np.zeros((1, 20), bool)
    alone[0, 3] = True
    assert (np.isnan(found) == (soft.of(alone).numpy()[0] > 0.5)).all()
