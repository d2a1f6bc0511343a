"""Operations on pixels: what holds for all of them, and what each one does."""

import numpy as np
import pytest

from zollstock.engines.pixels.operations import OPERATIONS, blended, edited
from zollstock.images.luma import LUMA
from zollstock.paths import pixel_change

NAMES = sorted(OPERATIONS)


@pytest.fixture(scope="module")
def photo():
    """A smooth picture with edges and colours, of odd sides, without black or white."""
    y, x = np.mgrid[0:45, 0:60]
    planes = [128 + 60 * np.sin(x / 9 + k) * np.cos(y / 7 - k) for k in range(3)]
    picture = np.stack(planes, axis=-1)
    picture[10:25, 20:40] = [200, 60, 40]
    return picture.astype(np.uint8)


def axis(name, steps=9):
    return np.linspace(OPERATIONS[name].start, OPERATIONS[name].stop, steps)


@pytest.mark.parametrize("name", NAMES)
def test_zero_is_the_picture_to_the_byte_and_lies_within_the_default_range(photo, name):
    operation = OPERATIONS[name]
    assert operation.least <= operation.start <= 0 < operation.stop <= operation.most
    frames = edited(name, photo, [operation.stop, 0.0, operation.stop / 2], 3)
    assert frames.dtype == np.uint8 and frames.shape == (3, *photo.shape)
    np.testing.assert_array_equal(frames[1], photo)
    assert (frames[0] != photo).any()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"jpeg"}))
def test_a_hair_from_zero_nothing_jumps(photo, name):
    """Of all but compression, whose best quality is lossy."""
    tiny = OPERATIONS[name].stop * 1e-4
    change = np.abs(edited(name, photo, [tiny], 3)[0].astype(int) - photo)
    assert change.max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_the_further_the_knob_the_larger_the_change(photo, name):
    values = axis(name)
    change = pixel_change(edited(name, photo, values, 3), photo)
    for side in (values >= 0, values <= 0):
        ordered = change[side][np.argsort(np.abs(values[side]))]
        if name == "translate":  # of a picture that is a wave
            ordered = ordered[:2]
        assert (np.diff(ordered) >= -0.012).all(), ordered
        assert ordered[-1] > 0.005 or side.sum() == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_hangs_on_its_value_and_the_seed_alone(photo, name):
    values = axis(name, 5)
    forth, back = edited(name, photo, values, 3), edited(name, photo, values[::-1], 3)
    np.testing.assert_array_equal(forth, back[::-1])
    np.testing.assert_array_equal(forth[4], edited(name, photo, [values[4]], 3)[0])
    other = edited(name, photo, values, 4)
    assert (forth != other).any() == (name == "noise")


@pytest.mark.parametrize("name", [name for name in NAMES if not OPERATIONS[name].moves])
def test_a_mask_holds_everything_outside(photo, name):
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[5:30, 8:44] = 1
    frames = edited(name, photo, axis(name), 3, mask=mask)
    np.testing.assert_array_equal(
        frames[:, mask == 0], np.broadcast_to(photo[mask == 0], frames[:, mask == 0].shape)
    )
    assert (frames[-1][mask == 1] != photo[mask == 1]).any()


@pytest.mark.parametrize("name", NAMES)
def test_grey_and_tiny_pictures_are_edited_too(name):
    for size in [(1, 1), (1, 7), (8, 8)]:
        flat = np.full((*size, 3), 77, np.uint8)
        assert edited(name, flat, axis(name, 3)).shape == (3, *size, 3)


def test_two_sides_where_the_knob_has_them():
    two = {name for name in NAMES if OPERATIONS[name].two_sided}
    assert set(NAMES) - two == {"grey", "blur", "noise", "jpeg", "pixelate"}


def test_values_that_there_are_not_are_refused(photo):
    with pytest.raises(ValueError, match="blur goes from 0 to 200"):
        edited("blur", photo, [1.0, -0.5])


def test_light_is_multiplied_and_clipped(photo):
    frames = edited("brightness", photo, [-1, -0.5, 0.2, 9])
    assert not frames[0].any()
    np.testing.assert_array_equal(frames[1], np.rint(photo * 0.5))
    np.testing.assert_array_equal(frames[2], np.minimum(np.rint(photo * 1.2), 255))
    assert (frames[3][photo > 26] == 255).all()


def test_contrast_keeps_the_mean_of_what_is_edited(photo):
    flat = edited("contrast", photo, [-1])[0]
    assert np.ptp(flat) == 0 and abs(flat.mean() - (photo @ LUMA).mean()) <= 0.5
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[10:25, 20:40] = 1
    inside = edited("contrast", photo, [-1], mask=mask)[0][12, 22]
    assert abs(inside[0] - np.array([200, 60, 40]) @ LUMA) <= 0.5


def test_gamma_keeps_black_and_white():
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    darker, lighter = edited("gamma", ramp, [-1, 1])
    assert darker[0, 128, 0] < 128 < lighter[0, 128, 0]
    np.testing.assert_array_equal(darker[0, :, 0], np.rint(255 * (np.arange(256) / 255) ** 2))
    for frame in (darker, lighter):
        assert frame[0, 0, 0] == 0 and frame[0, 255, 0] == 255


def test_colours_go_and_turn_but_their_luminance_stays(photo):
    faint = (128 + (photo.astype(int) - 128) // 4).astype(np.uint8)  # none leaves the range
    for name, values in {"saturation": [-1, 0.8], "grey": [0.5, 1], "hue": [-90, 30, 170]}.items():
        for frame in edited(name, faint, values):
            assert np.abs(frame @ LUMA - faint @ LUMA).max() <= 1
    assert np.ptp(edited("grey", photo, [1])[0].astype(int), axis=2).max() == 0
    np.testing.assert_array_equal(edited("grey", photo, [0.3]), edited("saturation", photo, [-0.3]))
    turned = edited("hue", faint, [360])[0].astype(int)
    assert np.abs(turned - faint).max() <= 1


def test_hue_turns_red_towards_yellow_and_green():
    red = np.full((2, 2, 3), [150, 90, 90], np.uint8)
    yellow, green = edited("hue", red, [60, 120])
    assert abs(int(yellow[0, 0, 0]) - yellow[0, 0, 1]) < 25 and yellow[0, 0, 2] < 95
    assert green[0, 0].argmax() == 1


def test_warm_light_is_orange_and_white_keeps_its_luminance():
    white = np.full((2, 2, 3), 180, np.uint8)
    cold, warm = (frame[0, 0].astype(int) for frame in edited("temperature", white, [-80, 150]))
    assert warm[0] > warm[1] > warm[2] and cold[0] < cold[1] < cold[2]
    linear = ((np.array([warm, cold]) / 255 + 0.055) / 1.055) ** 2.4
    before = ((180 / 255 + 0.055) / 1.055) ** 2.4
    np.testing.assert_allclose(linear @ [0.2126, 0.7152, 0.0722], before, atol=0.01)


def test_blur_is_a_gaussian_reflected_at_the_edges(photo):
    from scipy.ndimage import gaussian_filter

    for sigma in (0.8, 3.0):
        expected = gaussian_filter(photo.astype(float), (sigma, sigma, 0), truncate=8)
        assert np.abs(edited("blur", photo, [sigma])[0] - expected).max() <= 1


def test_blur_takes_nothing_in_from_beside_the_mask(photo):
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[:, :30] = 1
    picture = photo.copy()
    picture[:, :30], picture[:, 30:] = 50, 250
    np.testing.assert_array_equal(edited("blur", picture, [5.0], mask=mask)[0], picture)


def test_sharpness_and_noise_scale_one_difference(photo):
    soft, sharp = edited("sharpness", photo, [-1, 1])[:, 18:, :].astype(int)
    assert np.abs((soft + sharp) / 2 - photo[18:]).mean() < 1.5
    np.testing.assert_array_equal(edited("sharpness", photo, [-1]), edited("blur", photo, [1.0]))
    grey = np.full((64, 64, 3), 128, np.uint8)
    one, two = edited("noise", grey, [0.05, 0.1], 5).astype(float) - 128
    assert abs(one.std() - 0.05 * 255) < 0.5
    assert np.abs(two - 2 * one).max() <= 1.5


def test_compression_loses_more_and_more_from_very_little(photo):
    change = pixel_change(edited("jpeg", photo, [0.4, 50, 90, 99]), photo)
    assert change[0] < 0.004 and (np.diff(change) > 0).all()


def test_blocks_have_one_colour_and_the_picture_keeps_its_mean(photo):
    frame = edited("pixelate", photo, [15])[0]
    blocks = frame.reshape(3, 15, 4, 15, 3)
    assert np.ptp(blocks, axis=(1, 3)).max() == 0
    assert np.abs(frame.mean((0, 1)) - photo.mean((0, 1))).max() < 1
    np.testing.assert_array_equal(edited("pixelate", photo, [1.0])[0], photo)


def test_whole_pixels_are_shifted_without_loss(photo):
    for towards, moved in {
        0: (slice(None), slice(7, None)),
        270: (slice(7, None), slice(None)),
    }.items():
        frame = edited("translate", photo, [7], towards=towards)[0]
        back = edited("translate", photo, [-7], towards=towards)[0]
        kept = photo[:-7] if towards else photo[:, :-7]
        np.testing.assert_array_equal(frame[moved], kept)
        assert (back != frame).any()
    mirrored = edited("translate", photo, [7])[0][:, :7]
    np.testing.assert_array_equal(mirrored, photo[:, :7][:, ::-1])


def test_turns_go_anticlockwise_about_the_middle(photo):
    square = photo[:, :45]
    np.testing.assert_array_equal(edited("rotate", square, [90])[0], np.rot90(square))
    dot = np.zeros((41, 41, 3), np.uint8)
    dot[18:23, 33:38] = 255  # on the right
    y, x = np.nonzero(edited("rotate", dot, [30], corners=(0, 0, 0))[0][..., 0] > 128)
    assert y.mean() == pytest.approx(20 - 15 * 0.5, abs=0.6)
    assert x.mean() == pytest.approx(20 + 15 * 0.866, abs=0.6)


def test_scale_leans_and_tilts_move_points_where_they_should():
    line = np.zeros((61, 61, 3), np.uint8)
    line[:, 28:33] = 255

    def columns(frame, row):
        return np.nonzero(frame[row, :, 0] > 128)[0]

    wide, narrow = edited("scale", line, [1, -1], corners=(0, 0, 0))
    assert 9 <= len(columns(wide, 30)) <= 10 and 2 <= len(columns(narrow, 30)) <= 3
    lean = edited("shear", line, [20], corners=(0, 0, 0))[0]
    assert columns(lean, 5).mean() == pytest.approx(30 + 25 * np.tan(np.deg2rad(20)), abs=0.6)
    line[:] = 0
    line[:, 10:51] = 255
    top = edited("perspective", line, [0.4], corners=(0, 0, 0))[0]
    assert len(columns(top, 2)) < 30 < 50 < len(columns(top, 58))


def test_corners_are_mirrored_or_of_a_colour(photo):
    blue = edited("rotate", photo, [45], corners=(0, 0, 255))[0]
    np.testing.assert_array_equal(blue[0, 0], [0, 0, 255])
    flat = np.full((30, 30, 3), 90, np.uint8)
    for name in ("rotate", "translate", "scale", "shear", "perspective"):
        operation = OPERATIONS[name]
        frames = edited(name, flat, [operation.start, operation.stop])
        assert (frames == 90).all(), name


def test_blending_is_by_weight(photo):
    made = np.stack([255 - photo] * 2)
    np.testing.assert_array_equal(
        blended(photo, made, np.array([[[0.0]], [[1.0]]])), [photo, made[1]]
    )
    assert (
        np.abs(blended(photo, made, np.full(photo.shape[:2], 0.5)).astype(int) - 127.5).max() <= 1
    )
