"""What changed besides the target."""

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from zollstock.ledger.collateral import edge_correlation, outside_of, similarity

NOISE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def grey(*values, height=24, width=32):
    return np.stack([np.full((height, width, 3), value, np.uint8) for value in values])


def test_outside_is_where_nothing_of_the_target_shows():
    target = np.array([[0, 0.02, 0.03, 0.5, 1]], np.float32)
    assert outside_of(target).tolist() == [[True, True, False, False, False]]


def test_similarity_of_the_whole_is_that_of_scikit_image(rng):
    other = np.clip(NOISE + rng.normal(0, 40, NOISE.shape), 0, 255).astype(np.uint8)
    whole, part = similarity(np.stack([NOISE, other]), NOISE)
    assert whole[0] == pytest.approx(1)
    assert whole[1] == pytest.approx(structural_similarity(NOISE, other, channel_axis=2))
    assert np.isnan(part).all()
    everywhere = similarity(other[None], NOISE, np.ones((24, 32), bool))
    assert everywhere[0] == everywhere[1] == whole[1]


def test_similarity_of_a_part_does_not_see_what_is_beside_it():
    changed = NOISE.copy()
    changed[:, :16] = 255 - changed[:, :16]
    right = np.zeros((24, 32), bool)
    right[:, 16:] = True
    whole, part = similarity(changed[None], NOISE, right)
    assert part[0] == pytest.approx(1)
    assert whole[0] < 0.3
    changed[:, 28:] = 0
    assert similarity(changed[None], NOISE, right)[1][0] < 0.9


def test_similarity_needs_a_window():
    small = grey(3, 4, height=6)
    assert np.isnan(similarity(small, small[0], np.ones((6, 32), bool))).all()
    narrow = np.zeros((24, 32), bool)
    narrow[:, :6] = True
    whole, part = similarity(NOISE[None], NOISE, narrow)
    assert whole[0] == pytest.approx(1)
    assert np.isnan(part[0])


def test_edges_survive_a_change_of_contrast_but_not_another_picture():
    step = grey(0)[0]
    step[:, 16:] = 200
    inverse, weaker = 200 - step, step // 2
    other = grey(0)[0]
    other[12:] = 200
    kept = edge_correlation(np.stack([step, inverse, weaker, other, NOISE]), step)
    np.testing.assert_allclose(kept[:3], 1)
    assert (np.abs(kept[3:]) < 0.2).all()


def test_edge_correlation_is_pearsons_r_of_sobel_magnitudes(rng):
    from scipy.ndimage import sobel

    other = np.clip(NOISE + rng.normal(0, 60, NOISE.shape), 0, 255).astype(np.uint8)
    magnitudes = []
    for picture in (NOISE, other):
        luminance = picture @ [0.299, 0.587, 0.114] / 255
        magnitudes.append(np.hypot(sobel(luminance, 0), sobel(luminance, 1)).ravel())
    expected = np.corrcoef(magnitudes)[0, 1]
    assert edge_correlation(other[None], NOISE, np.inf)[0] == pytest.approx(expected)
    capped = np.corrcoef(np.minimum(magnitudes, 4 * 0.3))[0, 1]
    assert edge_correlation(other[None], NOISE, 0.3)[0] == pytest.approx(capped)


def test_a_plain_frame_keeps_no_edges_and_a_plain_picture_has_none():
    np.testing.assert_array_equal(edge_correlation(grey(7), NOISE), [0])
    assert np.isnan(edge_correlation(np.stack([NOISE, grey(3)[0]]), grey(7)[0])).all()
