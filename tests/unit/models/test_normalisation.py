"""The arithmetic part of preprocessing."""

import numpy as np

from zollstock.models.normalisation import Normalisation


def test_input_is_scaled_per_channel():
    images = np.zeros((1, 2, 2, 3), np.uint8)
    images[..., 2] = 255
    x = Normalisation(mean=(0.5, 0.25, 0.0), std=(0.5, 0.25, 2.0)).apply(images)
    assert x.shape == (1, 3, 2, 2)
    np.testing.assert_allclose(x[0, :, 0, 0], [-1.0, -1.0, 0.5], atol=1e-6)
