"""Masks that a segmentation model draws, up to a property that uses them."""

import json

import numpy as np
import pytest
import torch
import zarr
from PIL import Image

from tests.workflow.test_photographs import BUILDER
from zollstock.images.segmenting import Segmenter

pytestmark = pytest.mark.workflow
NAMES = ["background", "dog", "cat"]


def save_segformer(place):
    """Save a tiny SegFormer of random weights, whose answers differ from place to place."""
    from transformers import (
        SegformerConfig,
        SegformerForSemanticSegmentation,
        SegformerImageProcessorPil,
    )

    torch.manual_seed(0)
    config = SegformerConfig(
        num_labels=3,
        hidden_sizes=[8] * 4,
        depths=[1] * 4,
        num_attention_heads=[1] * 4,
        decoder_hidden_size=8,
        id2label=dict(enumerate(NAMES)),
        label2id={name: number for number, name in enumerate(NAMES)},
    )
    model = SegformerForSemanticSegmentation(config).eval()
    with torch.no_grad():  # decided answers
        model.decode_head.classifier.weight.normal_().mul_(1e5)
    model.save_pretrained(place)
    SegformerImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(place)


@pytest.fixture
def photos(workspace):
    return segmented(workspace.folder)


def segmented(folder):
    """A study of two photographs in a folder, the subject of which a model finds."""
    (folder / "ownphoto.py").write_text(BUILDER)
    namespace = {}
    exec(BUILDER, namespace)
    torch.save(namespace["build"]().state_dict(), folder / "weights.pth")
    (folder / "photos").mkdir()
    pictures = {}
    for seed, (name, size) in enumerate({"dog": (40, 30), "mug": (32, 36)}.items()):
        small = np.random.default_rng(seed).integers(0, 255, (5, 5, 3), dtype=np.uint8)
        picture = Image.fromarray(small).resize(size[::-1], Image.Resampling.BICUBIC)
        picture.save(folder / "photos" / f"{name}.png")
        pictures[name] = np.asarray(picture)
    save_segformer(folder / "segformer")
    shares = {
        word: [float((seen.mask(each) > 0.5).mean()) for each in pictures.values()]
        for word in NAMES
        for seen in [Segmenter(folder / "segformer", [word])]
    }
    found = [word for word, both in shares.items() if all(0.05 < one < 0.95 for one in both)]
    assert found, shares
    masks = {"segmenter": "segformer", "classes": found[:1]}
    shared = {"steps": 5, "size": [24, 24]}
    return {
        "study": "photos",
        "images": {"source": "folder", "path": "photos"},
        "properties": {
            "behind": {"engine": "background", "operation": "colour", "mask": masks} | shared
        },
        "models": {
            "mine": {
                "family": "ownphoto:build",
                "weights": "weights.pth",
                "classes": ["a", "b"],
                "preprocessing": {"size": 24},
            }
        },
        "inference": {"device": "cpu"},
        "placebos": {"number": 0},
        "scoring": {"permutations": 99, "statistics": ["paper_grad"]},
        "figures": {"dpi": 60},
    }


def test_a_model_draws_masks_and_frames_keep_to_them(workspace, photos):
    run = workspace.run(photos)
    assert run.code == 0, run.text
    results = workspace.results("photos")
    (folder,) = (place for place in (results / "masks").iterdir() if place.is_dir())
    assert sorted(file.name for file in folder.glob("*.png")) == ["dog.png", "mug.png"]
    mask = np.asarray(Image.open(folder / "dog.png"))
    assert mask.shape[:2] == (40, 30)
    manifest = json.loads((results / "interventions/behind.json").read_text())
    group = zarr.open_group(results / "interventions" / manifest["store"], mode="r")
    frames = np.asarray(group["frames"])[:, 0]
    changed = (frames != frames[:, :1]).any(axis=(1, 4))
    assert changed.any(axis=(1, 2)).all() and not changed.all(axis=(1, 2)).any()
    assert (results / "figures/behind/frames.png").stat().st_size > 0
    assert workspace.run(photos, "--dry-run").text.count("Nothing to be done") == 1

    # Another class is another folder of masks, and other frames; images are kept.
    other = [
        word for word in NAMES if word not in photos["properties"]["behind"]["mask"]["classes"]
    ]
    photos["properties"]["behind"]["mask"]["classes"] = other
    again = workspace.run(photos, "--dry-run").jobs()
    assert again["segment_images"] == again["intervene"] == 1 and "select_images" not in again


def test_a_class_that_the_model_lacks_ends_the_run_in_a_line(workspace, photos):
    photos["properties"]["behind"]["mask"]["classes"] = ["dgo"]
    run = workspace.run(photos, "results/photos/interventions/behind.json")
    assert run.code == 1
    assert "mask.classes: names 'dgo'" in run.text and "Did you mean 'dog'?" in run.text
    assert "Traceback" not in run.text
