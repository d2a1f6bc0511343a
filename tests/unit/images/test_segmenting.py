"""Masks by a segmentation model: a tiny one whose answer is known."""

import re
import shutil

import numpy as np
import pytest
from PIL import Image

from zollstock.errors import ZollstockError
from zollstock.images.segmenting import Segmenter, main

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A SegFormer with random weights, its image processor and three classes."""
    from transformers import (
        SegformerConfig,
        SegformerForSemanticSegmentation,
        SegformerImageProcessorPil,
    )

    place = tmp_path_factory.mktemp("segformer")
    names = ["background", "dog", "cat"]
    torch.manual_seed(0)
    config = SegformerConfig(
        num_labels=3,
        hidden_sizes=[8] * 4,
        depths=[1] * 4,
        num_attention_heads=[1] * 4,
        decoder_hidden_size=8,
        id2label=dict(enumerate(names)),
        label2id={name: number for number, name in enumerate(names)},
    )
    SegformerForSemanticSegmentation(config).save_pretrained(place)
    SegformerImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(place)
    return place


class BySide(torch.nn.Module):
    """Finds a dog where the left half of what it is shown is, and nothing at all in the dark."""

    def __init__(self, config):
        super().__init__()
        self.config = config

    def forward(self, pixel_values):
        logits = torch.zeros(len(pixel_values), 3, 16, 16)
        logits[:, 0] = 1
        if pixel_values.mean() > 0:
            logits[:, 1, :, :8] = 20
        return type("Output", (), {"logits": logits})


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Two photographs, one of them dark."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for name, grey in {"blue mug.png": 250, "night.png": 0}.items():
        Image.fromarray(np.full((40, 60, 3), grey, np.uint8)).save(tmp_path / "photos" / name)
    return tmp_path


@pytest.mark.parametrize("harm", ["lost", "another image's", "another's of equal name"])
def test_a_drawn_mask_that_was_changed_is_named_and_a_copy_may_be(tmp_path, harm):
    from zollstock.images.drawn_masks import check_drawn, checksums_beside, write_checksums
    from zollstock.images.masks import mask_of
    from zollstock.images.segmenting import save_mask
    from zollstock.images.table import ImageRecord

    place = tmp_path / "masks" / "sharp.9a"
    halves = np.zeros((2, 4, 6), np.float32)
    halves[0, :2], halves[1, 2:] = 1, 1
    records = [ImageRecord(name, "", "", "", tmp_path / name) for name in "ab"]
    for record, half in zip(records, halves, strict=True):
        save_mask(half, place / f"{record.id}.png")
    write_checksums(place, ["a", "b"])
    np.testing.assert_array_equal(mask_of(str(place), records[0], 4, 6), halves[0])
    shutil.copytree(place, tmp_path / "own")
    if harm == "lost":
        (place / "a.png").unlink()
    elif harm == "another image's":
        shutil.copy(place / "b.png", place / "a.png")
    else:
        save_mask(1 - halves[0] * 0.2, place / "a.png")
    told = "is missing" if harm == "lost" else "differs from what the model drew"
    with pytest.raises(ZollstockError, match=f"a.png: {told}.*--forcerun segment_images"):
        mask_of(f"{place}/", records[0], 4, 6)
    np.testing.assert_array_equal(mask_of(str(place), records[1], 4, 6), halves[1])
    save_mask(halves[1], tmp_path / "own/a.png")  # painted in a copy
    np.testing.assert_array_equal(mask_of(str(tmp_path / "own"), records[0], 4, 6), halves[1])
    check_drawn(tmp_path / "own", "none")
    check_drawn(place, "none of the study's")
    assert checksums_beside(place).name == "sharp.9a.checksums.json"


def test_a_mask_is_where_the_classes_are_probable(folder):
    picture = np.random.default_rng(0).integers(0, 255, (30, 50, 3), dtype=np.uint8)
    found = {name: Segmenter(folder, [name]) for name in ("background", "Dog", "cat")}
    masks = {name: segmenter.mask(picture) for name, segmenter in found.items()}
    assert all(mask.shape == (30, 50) and mask.dtype == np.float32 for mask in masks.values())
    dog = found["Dog"]
    inputs = dog.processor(images=[picture], return_tensors="pt")
    logits = dog.network(**inputs).logits
    whole = torch.nn.functional.interpolate(logits, (30, 50), mode="bilinear", align_corners=False)
    share = whole.softmax(1)[0].detach().numpy()
    np.testing.assert_allclose(masks["Dog"], np.clip(2 * share[1] - 0.5, 0, 1), atol=1e-5)
    subject = Segmenter(folder).mask(picture)  # all but the background
    np.testing.assert_allclose(subject, np.clip(1.5 - 2 * share[0], 0, 1), atol=1e-5)


def test_the_command_writes_what_engines_read(folder, photos, monkeypatch, capsys):
    from zollstock.engines.pixels.photometric import PhotometricEngine
    from zollstock.images.reading import pixel_sha256, read_rgb
    from zollstock.images.table import ImageRecord

    load = Segmenter.__init__

    def loaded(self, *arguments):
        load(self, *arguments)
        self.network = BySide(self.network.config)

    monkeypatch.setattr(Segmenter, "__init__", loaded)
    asked = ["photos", "--model", str(folder), "--classes", "dog", "--into", "m"]
    assert main(asked) == 0
    told = capsys.readouterr()
    assert re.search(r"m/blue-mug.png: 5\d% of the picture", told.out)
    assert "night: nothing of the classes was found" in told.err
    assert sorted(file.name for file in (photos / "m").iterdir()) == ["blue-mug.png"]
    file = photos / "photos" / "blue mug.png"
    image = ImageRecord("blue-mug", "", pixel_sha256(read_rgb(file)), "", file, name="blue mug")
    engine = PhotometricEngine(operation="grey", start=0, stop=1, steps=3, mask="m")
    weights = engine.weights(image)
    assert weights[:, :26].min() > 0.99 and weights[:, 34:].max() < 0.01
    # One that was corrected is kept, unless it is asked for again.
    before = (photos / "m" / "blue-mug.png").read_bytes()
    (photos / "m" / "blue-mug.png").write_bytes(b"corrected")
    assert main(asked) == 0 and (photos / "m" / "blue-mug.png").read_bytes() == b"corrected"
    assert main([*asked, "--again"]) == 0
    assert (photos / "m" / "blue-mug.png").read_bytes() == before


def test_what_is_wrong_is_one_line(folder, photos, tmp_path, capsys):
    assert main(["photos", "--model", "none"]) == 1
    assert "zollstock: none: has no config.json" in capsys.readouterr().err
    assert main(["photos", "--model", str(folder), "--classes", "dgo"]) == 1
    assert "Did you mean 'dog'?" in capsys.readouterr().err
    assert main(["nowhere", "--model", str(folder)]) == 1
    assert "nowhere: is not a folder" in capsys.readouterr().err
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "config.json").write_text("{}")
    with pytest.raises(ZollstockError, match="cannot be loaded"):
        Segmenter(broken)


def test_weights_that_are_missing_are_not_drawn_at_random(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, tmp_path / "less")
    file = tmp_path / "less" / "model.safetensors"
    weights = load_file(file)
    weights.pop("decode_head.classifier.weight")
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(ZollstockError, match=r"lacks weights .decode_head.classifier.weight"):
        Segmenter(tmp_path / "less")
