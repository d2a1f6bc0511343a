"""The arithmetic part of preprocessing."""

import numpy as np
import pytest
import torch

from zollstock.models.normalisation import Normalisation


def test_input_is_scaled_per_channel():
    images = np.zeros((1, 2, 2, 3), np.uint8)
    images[..., 2] = 255
    x = Normalisation(mean=(0.5, 0.25, 0.0), std=(0.5, 0.25, 2.0)).apply(images)
    assert x.shape == (1, 3, 2, 2)
    np.testing.assert_allclose(x[0, :, 0, 0], [-1.0, -1.0, 0.5], atol=1e-6)


def written(kind, frames):
    """Return the same frames in memory of another kind."""
    if kind == "read-only":
        frames = frames.copy()
        frames.setflags(write=False)
    if kind == "reversed":
        return frames[:, ::-1].copy()[:, ::-1]
    if kind == "every other":
        return np.repeat(frames, 2, axis=0)[::2]
    return frames


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["ordinary", "read-only", "reversed", "every other"])
def test_input_is_that_of_the_formula_and_frames_stay_as_they_are(kind):
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    original = np.random.default_rng(0).integers(0, 256, (4, 5, 7, 3), dtype=np.uint8)
    frames = written(kind, original)
    x = Normalisation(mean, std).apply(frames)
    expected = (original / 255 - mean) / std
    assert x.dtype == torch.float32
    assert x.is_contiguous(memory_format=torch.channels_last)
    np.testing.assert_allclose(x.permute(0, 2, 3, 1), expected, atol=1e-6)
    np.testing.assert_array_equal(frames, original)
