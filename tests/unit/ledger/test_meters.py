"""Meters: closed forms on plain pictures, and the drawn world."""

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.ledger import METERS, make_meter, rendered_masks
from zollstock.ledger.meters import mean_luminance
from zollstock.worlds import facts_of

SIMPLE = ["fur_lightness", "background_brightness", "luminance"]


def halves(inside=1.0, outside=0.0):
    """Return a mask set over 6×8 pixels; the left half is the target of every meter."""
    left = np.full((6, 8), outside, np.float32)
    left[:, :4] = inside
    right = 1 - left
    return {
        "fur_lightness": {"fur": left, "background": right},
        "background_brightness": {"background": left, "fur": right},
        "luminance": {"inside": left, "outside": right},
    }


@pytest.mark.parametrize("name", SIMPLE)
def test_plain_colours_have_their_luminance(name):
    frames = np.zeros((4, 6, 8, 3), np.uint8)
    frames[0, :, :4] = 255
    frames[1, :, :4] = (255, 0, 0)
    frames[2, :, :4] = (0, 102, 0)
    frames[3] = (0, 0, 51)
    masks = halves()[name]
    meter = make_meter(name, "pets")
    assert (meter.name, meter.region in masks) == (name, True)
    np.testing.assert_allclose(
        meter.values(frames, 0, masks), [1, 0.299, 0.587 * 0.4, 0.114 * 0.2], atol=1e-15
    )
    np.testing.assert_allclose(meter.off_target(frames, masks), [0, 0, 0, 0.0228], atol=1e-15)


def test_weights_share_the_mean_and_small_ones_do_not_count():
    frames = np.zeros((1, 1, 3, 3), np.uint8)
    frames[0, 0, 0], frames[0, 0, 1] = 255, 255
    weights = np.array([[0.5, 0.6, 1.0]], np.float32)
    # Of weights 0.6 and 1 the first is white: 0.6 / 1.6; that of 0.5 is white and left out.
    np.testing.assert_allclose(mean_luminance(frames, weights), [0.375], atol=1e-7)


def test_a_region_without_pixels_has_no_luminance():
    frames = np.full((2, 6, 8, 3), 99, np.uint8)
    everywhere = {"inside": np.ones((6, 8), np.float32), "outside": np.zeros((6, 8), np.float32)}
    meter = make_meter("luminance")
    np.testing.assert_allclose(meter.values(frames, 0, everywhere), 99 / 255)
    assert np.isnan(meter.off_target(frames, everywhere)).all()


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        (None, "mask of inside: is missing"),
        ({"fur": np.ones((6, 8), np.float32)}, "mask of inside: is missing"),
        ({"inside": np.ones((8, 6), np.float32)}, r"has shape \(8, 6\); expected \(6, 8\)"),
        ({"inside": np.zeros((6, 8), np.float32)}, "meter luminance: finds no inside in the mask"),
    ],
)
def test_masks_that_do_not_fit_are_named(masks, message):
    with pytest.raises(ZollstockError, match=message):
        make_meter("luminance").values(np.zeros((2, 6, 8, 3), np.uint8), 0, masks)


def test_unknown_meters_are_named():
    with pytest.raises(ZollstockError, match="Did you mean 'fur_lightness'"):
        make_meter("fur_lightnes", "pets")
    assert {*METERS, *facts_of("pets").meters} == {*SIMPLE, "clip_direction"}


@pytest.mark.parametrize(
    ("latent", "other"),
    [
        ("fur_lightness", "background_brightness"),
        ("background_brightness", "fur_lightness"),
    ],
)
@pytest.mark.parametrize("seed", range(6))
def test_an_exact_change_moves_its_own_meter_alone(drawn, exact, latent, other, seed):
    record = drawn(seed)
    path = exact(record, latent, np.linspace(0, 1, 9))
    masks = rendered_masks(record, "pets", 64, 64)
    own = make_meter(latent, "pets")
    values, rest = own.values(path.frames, 0, masks), own.off_target(path.frames, masks)
    assert (np.diff(values) > 0).all()
    assert np.ptp(values) > 0.4
    assert np.ptp(rest) < 0.01 * np.ptp(values)
    # What one meter must not move is what the other measures.
    np.testing.assert_array_equal(rest, make_meter(other, "pets").values(path.frames, 0, masks))
