"""How far pictures are apart."""

import numpy as np

from zollstock.paths import pixel_change


def grey(*values, height=24, width=32):
    return np.stack([np.full((height, width, 3), value, np.uint8) for value in values])


def test_plain_pictures_differ_by_their_greys():
    frames = grey(0, 51, 255)
    np.testing.assert_allclose(pixel_change(frames, frames[0]), [0, 0.2, 1])
    np.testing.assert_allclose(pixel_change(frames, frames[2]), [1, 0.8, 0])  # no wrap of uint8


def test_only_the_pixels_in_question_count():
    frames = grey(0, 0)
    frames[1, :, :8] = 255
    outside = np.ones((24, 32), bool)
    np.testing.assert_allclose(pixel_change(frames, frames[0], outside), [0, 0.25])
    outside[:, :8] = False
    np.testing.assert_array_equal(pixel_change(frames, frames[0], outside), [0, 0])
    assert np.isnan(pixel_change(frames, frames[0], np.zeros((24, 32), bool))).all()
