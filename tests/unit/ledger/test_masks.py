"""Masks: the renderer's, and painted ones with their faults."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png
from zollstock.ledger import masks_for, read_mask, rendered_masks
from zollstock.worlds import get_world

A = ImageRecord("a", "cat", "00", "photo", Path("none.png"))


def painted(tmp_path, grey):
    """Write a mask for the image 'a' and return the pattern."""
    Image.fromarray(np.asarray(grey, dtype=np.uint8)).save(tmp_path / "a.png")
    return str(tmp_path / "{image}.png")


def test_rendered_masks_are_those_of_the_unedited_image(drawn):
    record = drawn(3)
    masks = rendered_masks(record, "pets", 48, 48)
    latents = {name: np.array([value]) for name, value in record.latents.items()}
    expected = get_world("pets").render(latents, size=48)
    np.testing.assert_array_equal(masks["fur"], expected.regions["fur"][0])
    np.testing.assert_array_equal(masks["background"], expected.regions["background"][0])


def test_a_photograph_has_no_rendered_masks(drawn):
    photo = dataclasses.replace(drawn(0), latents={})
    with pytest.raises(ZollstockError, match="image pet0: has no latents"):
        rendered_masks(photo, "pets", 64, 64)


def test_rendered_masks_are_square(drawn):
    with pytest.raises(ZollstockError, match="48×64 pixels; expected square frames"):
        rendered_masks(drawn(0), "pets", 48, 64)


def test_a_painted_mask_is_a_share_and_its_rest(tmp_path):
    grey = np.zeros((4, 6), np.uint8)
    grey[:, :2], grey[:, 2] = 255, 51
    masks = read_mask(painted(tmp_path, grey), A, 4, 6)
    assert masks["inside"].dtype == np.float32
    np.testing.assert_allclose(masks["inside"][0], [1, 1, 0.2, 0, 0, 0])
    np.testing.assert_allclose(masks["outside"], 1 - masks["inside"])


@pytest.mark.parametrize("mode", ["1", "I;16", "RGB"])
def test_a_mask_may_be_of_any_grey_kind(tmp_path, mode):
    grey = np.zeros((4, 6), np.uint8)
    grey[1:3, 1:3] = 255
    if mode == "I;16":
        Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "a.png")
    else:
        Image.fromarray(grey).convert(mode).save(tmp_path / "a.png")
    masks = read_mask(str(tmp_path / "{image}.png"), A, 4, 6)
    np.testing.assert_array_equal(masks["inside"], grey / 255)


@pytest.mark.parametrize(
    ("grey", "message"),
    [
        (None, "cannot be read as the mask of 'a' .file is missing."),
        (np.zeros((4, 6)), "has no white pixel; expected a grey picture, white where"),
        (np.full((4, 6), 127), "has no white pixel"),
        (np.full((6, 4), 255), "has 6×4 pixels; expected 4×6, the size of the frames"),
        (np.full((4, 6, 3), (255, 0, 0)), "is in colour; expected a grey picture"),
    ],
)
def test_a_wrong_mask_is_named_with_its_fault(tmp_path, grey, message):
    pattern = str(tmp_path / "{image}.png") if grey is None else painted(tmp_path, grey)
    pixels = np.zeros((4, 6, 3), np.uint8)
    save_png(pixels, tmp_path / "own.png")
    picture = dataclasses.replace(A, sha256=pixel_sha256(pixels), file=tmp_path / "own.png")
    with pytest.raises(ZollstockError, match=message) as raised:
        read_mask(pattern, picture, 4, 6)
    assert raised.value.where == str(tmp_path / "a.png")


def test_masks_are_sought_where_the_meter_needs_them(tmp_path, drawn):
    record = drawn(0)
    pattern = str(tmp_path / "{image}.png")
    Image.fromarray(np.full((64, 64), 255, np.uint8)).save(tmp_path / "pet0.png")
    sizes = {"world": "pets", "height": 64, "width": 64}
    assert set(masks_for("fur", record, pattern=None, **sizes)) == {"fur", "background", "features"}
    assert set(masks_for("inside", record, pattern=pattern, **sizes)) == {"inside", "outside"}
    assert set(masks_for(None, record, pattern=pattern, **sizes)) == {"inside", "outside"}
    assert masks_for("inside", record, pattern=None, **sizes) is None
    assert masks_for(None, record, pattern=None, **sizes) is None


def test_the_property_may_be_where_a_mask_is_black(tmp_path):
    pattern = painted(tmp_path, [[255, 255, 0, 0]] * 3)
    how = {"world": "pets", "pattern": pattern, "height": 3, "width": 4}
    masks, swapped = (masks_for(None, A, **how, swapped=outside) for outside in (False, True))
    np.testing.assert_array_equal(masks["inside"], swapped["outside"])
    assert swapped["inside"][0].tolist() == [0, 0, 1, 1]


def test_a_mask_is_found_under_the_users_own_name(tmp_path):
    Image.fromarray(np.full((4, 6), 255, np.uint8)).save(tmp_path / "blue mug.png")
    named = dataclasses.replace(A, id="cup-blue-mug", name="blue mug")
    found = read_mask(str(tmp_path / "{image}.png"), named, 4, 6)
    assert found["inside"].all()
