"""Resizing and cropping, compared with Pillow's own."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from zollstock.images.geometry import RESAMPLING, Geometry, geometry_of
from zollstock.settings.preprocessing import PreprocessingSettings


@pytest.fixture
def frames():
    """A horizontal, a vertical and a diagonal gradient, one per channel and turned per frame."""
    y, x = np.mgrid[0:30, 0:44]
    first = np.stack([x * 5, y * 8, x + y], axis=-1).astype(np.uint8)
    return np.stack([first, 255 - first])


@pytest.mark.parametrize("resize", sorted(RESAMPLING))
@pytest.mark.parametrize("size", [(15, 22), (20, 20), (60, 50), (7, 40)])
@pytest.mark.parametrize("fit", ["stretch", "crop"])
def test_result_is_pillows(frames, resize, size, fit):
    found = Geometry(size, resize, fit).apply(frames)
    height, width = size
    for frame, result in zip(frames, found, strict=True):
        image = Image.fromarray(frame)
        if fit == "stretch":
            expected = image.resize((width, height), RESAMPLING[resize])
        else:
            expected = ImageOps.fit(image, (width, height), RESAMPLING[resize])
        assert result.dtype == np.uint8
        np.testing.assert_array_equal(result, np.asarray(expected))


def test_crop_keeps_the_centre_and_stretch_the_edges(frames):
    crop = Geometry((30, 30), "bilinear", "crop").apply(frames)
    np.testing.assert_array_equal(crop, frames[:, :, 7:37])
    stretched = Geometry((30, 30), "nearest", "stretch").apply(frames)
    np.testing.assert_array_equal(stretched[:, :, 0], frames[:, :, 0])
    assert stretched[0, 0, -1, 0] >= frames[0, 0, -2, 0]


def test_frames_of_the_right_size_are_not_touched(frames):
    for geometry in (Geometry(), Geometry((30, 44), "lanczos", "crop")):
        assert geometry.apply(frames) is frames


@pytest.mark.parametrize("target", [(379, 379), (49, 49), (7, 3), (113, 224)])
def test_crop_never_leaves_the_frame_by_rounding(target):
    geometry = Geometry(target, "nearest", "crop")
    for height in range(1, 420, 3):
        for width in (height, height + 5, 2 * height + 1):
            left, upper, right, lower = geometry._box(height, width)
            assert 0 <= left < right <= width
            assert 0 <= upper < lower <= height
    odd = np.zeros((1, 399, 404, 3), np.uint8)
    assert geometry.apply(odd).shape == (1, *target, 3)


@pytest.mark.parametrize("fit", ["stretch", "crop"])
@pytest.mark.parametrize("resize", sorted(RESAMPLING))
@pytest.mark.parametrize("size", [None, 64, [48, 80]])
def test_settings_key_and_geometry_describe_the_same(size, resize, fit):
    settings = PreprocessingSettings(size=size, resize=resize, fit=fit)
    from_key = Geometry.from_key(settings.geometry_key())
    found = geometry_of(settings.model_dump())
    assert found.size == from_key.size
    frames = np.random.default_rng(0).integers(0, 256, (1, 20, 30, 3), dtype=np.uint8)
    np.testing.assert_array_equal(found.apply(frames), from_key.apply(frames))
    if size is not None:
        assert found == from_key
