"""Pictures and models that visitors choose: bounds, and no foreign code."""

import shutil
import struct
import zlib

import pytest
from PIL import Image

from zollstock.app import material
from zollstock.app.material import (
    DRAWN,
    STUDY,
    UPLOAD,
    checked_upload,
    model_choices,
    model_settings,
    models_of,
    picture_of,
)
from zollstock.app.shelf import Shelf
from zollstock.errors import ZollstockError
from zollstock.files import read_json, write_json


def _bomb(file, side):
    """Write a PNG of some bytes that claims to be huge."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)


def test_a_small_picture_is_taken(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    assert checked_upload(str(tmp_path / "a.png")) == tmp_path / "a.png"


@pytest.mark.parametrize("side", [6_000, 60_000])
def test_too_many_pixels_are_refused_before_they_are_unpacked(tmp_path, side):
    _bomb(tmp_path / "bomb.png", side)
    with pytest.raises(ZollstockError, match=r"million at most|cannot be read"):
        checked_upload(str(tmp_path / "bomb.png"))


def test_too_many_bytes_and_what_is_no_picture_are_refused(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(ZollstockError, match="cannot be read"):
        checked_upload(str(tmp_path / "a.png"))
    monkeypatch.setattr(material, "LARGEST_UPLOAD", 5)
    with pytest.raises(ZollstockError, match="MB at most"):
        checked_upload(str(tmp_path / "a.png"))
    with pytest.raises(ZollstockError, match="there is none"):
        checked_upload(None)


def test_models_of_a_study_are_offered_but_for_foreign_code(folder, shelf, tmp_path):
    keys = [key for _, key in model_choices(shelf)]
    assert {"study mine/one", "study mine/two"} <= set(keys)
    place = shutil.copytree(folder / "results/mine", tmp_path / "foreign")
    card = place / "models/one.json"
    write_json(read_json(card) | {"family": "theirs:build"}, card)
    others = [key for _, key in model_choices(Shelf([place]))]
    assert "study mine/one" not in others
    assert "study mine/two" in others


def test_a_model_that_is_not_offered_is_refused(shelf):
    with pytest.raises(ZollstockError, match="models"):
        models_of(["study mine/../../etc/passwd"], shelf)
    with pytest.raises(ZollstockError, match="there is none"):
        models_of([], shelf)


def test_settings_name_the_weights_of_a_trained_model(shelf):
    keys = ["study mine/two"]
    names = list(models_of(keys, shelf))
    found = model_settings(keys, names, shelf)["two"]
    assert found["weights"] == "two.pth"


def test_pictures_come_from_where_they_were_chosen(shelf, tmp_path):
    file = tmp_path / "a.png"
    Image.new("RGB", (8, 8)).save(file)
    rest = {"file": str(file), "world": "pets", "label": "dog", "number": 1}
    rest |= {"study": "mine", "image": shelf.open("mine").images[0]}
    assert picture_of(UPLOAD, shelf, **rest) == file
    assert picture_of(STUDY, shelf, **rest).id == rest["image"]
    drawn = picture_of(DRAWN, shelf, **rest)
    assert drawn.label == "dog"
    assert drawn.latents
