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


@pytest.mark.parametrize(("size", "resize_to"), [((24, 24), 28), ((20, 24), 26), ((30, 30), 30)])
def test_cut_out_of_a_larger_picture_is_resizing_and_cropping(frames, size, resize_to):
    found = Geometry(size, "bicubic", "crop", resize_to).apply(frames)
    width = int(resize_to * 44 / 30)
    left, upper = round((width - size[1]) / 2), round((resize_to - size[0]) / 2)
    for frame, result in zip(frames, found, strict=True):
        larger = Image.fromarray(frame).resize((width, resize_to), Image.Resampling.BICUBIC)
        expected = larger.crop((left, upper, left + size[1], upper + size[0]))
        np.testing.assert_array_equal(result, np.asarray(expected))


def test_a_frame_of_the_size_that_is_cut_out_is_resized_all_the_same(frames):
    found = Geometry((30, 44), "bilinear", "crop", 60).apply(frames)
    assert found.shape == frames.shape
    assert (found != frames).any()


def test_pad_keeps_the_whole_picture_and_adds_black(frames):
    found = Geometry((40, 22), "bilinear", "pad").apply(frames)
    assert found.shape == (2, 40, 22, 3)
    inner = np.asarray(Image.fromarray(frames[0]).resize((22, 15), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(found[0, 12:27], inner)
    assert not found[:, :12].any() and not found[:, 27:].any()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"size": 64, "fit": "crop", "resize_to": 63}, "resize_to of 64 or more"),
        ({"size": 64, "resize_to": 80}, "no resize_to beside fit: stretch"),
    ],
)
def test_a_resize_to_that_cannot_be_is_refused(keys, message):
    with pytest.raises(ValueError, match=message):
        PreprocessingSettings(**keys)


def test_keys_of_stores_stay_as_they_were():
    assert Geometry.from_key("128x128-bilinear-stretch") == Geometry((128, 128))
    assert PreprocessingSettings(size=128).geometry_key() == "128x128-bilinear-stretch"
    larger = PreprocessingSettings(size=224, fit="crop", resize_to=256)
    assert larger.geometry_key() == "224x224-bilinear-crop-256"
    assert Geometry.from_key(larger.geometry_key()) == geometry_of(larger.model_dump())


@pytest.mark.parametrize("frame", [(60, 90), (90, 60), (64, 64)])
@pytest.mark.parametrize(
    "geometry",
    [
        Geometry(),
        Geometry((40, 40)),
        Geometry((40, 40), fit="crop"),
        Geometry((40, 40), fit="crop", resize_to=50),
        Geometry((40, 40), fit="pad"),
        Geometry((32, 48), fit="pad"),
        Geometry((32, 48), fit="crop"),
    ],
)
def test_places_in_the_input_are_found_in_the_frame(geometry, frame):
    """A white square near the middle, whose middle in the input is traced back."""
    height, width = frame
    picture = np.zeros((1, height, width, 3), np.uint8)
    picture[:, height // 2 : height // 2 + 10, width // 2 - 12 : width // 2] = 255
    seen = geometry.apply(picture)[0, ..., 0].astype(float)
    rows, columns = np.indices(seen.shape) + 0.5
    y = (rows * seen).sum() / seen.sum() / seen.shape[0]
    x = (columns * seen).sum() / seen.sum() / seen.shape[1]
    top, left, high, wide = geometry.shown(height, width)
    assert (top + high * y) * height == pytest.approx(height // 2 + 5, abs=1)
    assert (left + wide * x) * width == pytest.approx(width // 2 - 6, abs=1)
