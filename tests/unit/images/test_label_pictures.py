"""Label pictures of the user's: every way to number segments, and what is said of wrong ones."""

import numpy as np
import pytest
from PIL import Image

from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.images.label_pictures import fitted_labels, label_picture, resized_labels
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png

SHAPE = (12, 18)
LABELS = np.add.outer(np.arange(12) // 6 * 2, np.arange(18) // 9)  # four quarters, 0 … 3


@pytest.fixture
def image(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    save_png(pixels, tmp_path / "pixels" / "dog-1.png")
    file = tmp_path / "pixels" / "dog-1.png"
    return ImageRecord("dog-1", "dog", pixel_sha256(pixels), "here", file, name="dog 1")


def palette():
    shown = Image.fromarray((LABELS + 3).astype(np.uint8), mode="P")
    shown.putpalette([7, 7, 7] * 256)  # all of one colour: it is the place that counts
    return shown


KINDS = {
    "grey": lambda: Image.fromarray((LABELS * 60).astype(np.uint8)),
    "16 bits": lambda: Image.fromarray((LABELS + 1000).astype(np.uint16)),
    "palette": palette,
    "colour": lambda: Image.fromarray(
        np.stack([LABELS % 2, LABELS // 2, LABELS * 0], -1).astype(np.uint8)[:, :, ::-1]
    ),
    "alpha": lambda: Image.fromarray(
        np.stack([*[LABELS * 0 + 9] * 3, LABELS], -1).astype(np.uint8), mode="RGBA"
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pattern", ["{image}.png", "", "table.csv"])
def test_every_kind_of_picture_numbers_segments(kind, pattern, image, tmp_path):
    folder = tmp_path / "labels"
    folder.mkdir()
    KINDS[kind]().save(folder / "dog 1.png")
    (folder / "table.csv").write_text("image,path\ndog 1,dog 1.png\n")
    found = label_picture(str(folder / pattern), image)
    pairs = set(zip(found.ravel().tolist(), LABELS.ravel().tolist(), strict=True))
    assert len(pairs) == 4 == found.max() + 1
    if kind != "colour":
        np.testing.assert_array_equal(found, LABELS)


def save(labels, folder, name="dog-1.png"):
    folder.mkdir(exist_ok=True)
    Image.fromarray(labels).save(folder / name)
    return str(folder)


def test_another_size_of_the_same_proportions_will_do(image, tmp_path):
    found = label_picture(save(np.zeros((4, 6), np.uint8), tmp_path / "labels"), image)
    assert found.shape == (4, 6)
    with pytest.raises(ZollstockError, match=r"has 18×12 pixels; expected 12×18.*nearest"):
        label_picture(save(np.zeros((18, 12), np.uint8), tmp_path / "labels"), image)


def test_what_is_wrong_is_told_by_its_file(image, tmp_path):
    folder = tmp_path / "labels"
    with pytest.raises(ZollstockError, match=r"none for the image 'dog-1' \(labels\)"):
        label_picture(save(np.zeros(SHAPE, np.uint8), folder, "cat.png"), image)
    with pytest.raises(ZollstockError, match=r"dog-1.*file is missing"):
        label_picture(f"{folder}/{{image}}.png", image)
    (folder / "dog-1.png").write_bytes(b"no picture")
    with pytest.raises(ZollstockError, match=r"cannot be read as the label picture of 'dog-1'"):
        label_picture(str(folder), image)
    Image.new("CMYK", SHAPE[::-1]).save(folder / "dog-1.jpg")
    (folder / "dog-1.png").unlink()
    with pytest.raises(ZollstockError, match=r"Pillow's kind 'CMYK'"):
        label_picture(str(folder), image)


def test_blended_values_are_too_many_segments(image, tmp_path):
    blended = np.random.default_rng(0).integers(0, 256, (120, 180, 3), dtype=np.uint8)
    with pytest.raises(ZollstockError, match=r"different values; .*10000 at most"):
        label_picture(save(blended, tmp_path / "labels"), image)


def test_labels_are_resized_as_pictures_are_and_never_blended():
    many = np.arange(12 * 18).reshape(SHAPE) + 300  # numbers that take two bytes
    for fit, corner in (("stretch", 301), ("crop", 304), ("pad", 0)):
        found = resized_labels(many, Geometry((24, 24), "bilinear", fit))
        assert found.shape == (24, 24) and found[0, 0] == corner, fit
        assert set(found.ravel().tolist()) <= {0, *(many + 1).ravel().tolist()}
    # Of a model that takes frames as they are.
    np.testing.assert_array_equal(resized_labels(many, Geometry()), many + 1)
    larger = resized_labels(many, Geometry((12, 12), "bilinear", "crop", 24))
    assert larger[0, 0] == many[3, 6] + 1  # of 24×36 the middle, from row 6 and column 12 on


def test_frames_have_the_segments_of_the_picture_they_are_made_of():
    found = fitted_labels(LABELS, (12, 12), "crop")
    np.testing.assert_array_equal(found, LABELS[:, 3:15] + 1)
    found = fitted_labels(LABELS, (18, 18), "pad")
    assert (found[:3] == 0).all() and (found[15:] == 0).all()
    np.testing.assert_array_equal(found[3:15], LABELS + 1)
    assert (
        fitted_labels(LABELS, (6, 6), "stretch").tolist()
        == [[1] * 3 + [2] * 3] * 3 + [[3] * 3 + [4] * 3] * 3
    )
