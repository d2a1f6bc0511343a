"""The direction in CLIP's space, with a tiny model of random weights."""

import os
import shutil
import socket

import numpy as np
import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.ledger import make_meter

TEXTS = {"source_text": "dark fur", "target_text": "light fur"}


@pytest.fixture(scope="module")
def meter(clip_folder):
    return make_meter("clip_direction", model=str(clip_folder), **TEXTS)


@pytest.fixture(scope="module")
def frames():
    return np.random.default_rng(0).integers(0, 256, (5, 40, 48, 3), dtype=np.uint8)


def by_hand(folder, frames, zero):
    """The cosine as Gal et al. define it, picture by picture."""
    from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

    model = CLIPModel.from_pretrained(folder).eval()
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    processor = CLIPImageProcessorPil.from_pretrained(folder)

    def unit(output):
        return torch.nn.functional.normalize(output.pooler_output[0].double(), dim=0)

    with torch.no_grad():
        source, target = (
            unit(model.get_text_features(**tokenizer(text, return_tensors="pt")))
            for text in TEXTS.values()
        )
        pictures = [
            unit(model.get_image_features(**processor(images=frame, return_tensors="pt")))
            for frame in frames
        ]
    return [
        float(torch.cosine_similarity(picture - pictures[zero], target - source, dim=0))
        for picture in pictures
    ]


@pytest.mark.parametrize("zero", [0, 2])
def test_it_is_the_cosine_of_two_changes(meter, clip_folder, frames, zero):
    values = meter.values(frames, zero, None)
    assert values[zero] == 0
    np.testing.assert_allclose(values, by_hand(clip_folder, frames, zero), atol=1e-4)
    assert np.abs(values).max() > 0.05
    assert np.isnan(meter.off_target(frames, None)).all()


def test_it_does_not_depend_on_the_batch(meter, clip_folder, frames):
    small = make_meter("clip_direction", model=str(clip_folder), batch_size=2, **TEXTS)
    np.testing.assert_allclose(
        small.values(frames, 0, None), meter.values(frames, 0, None), atol=1e-4
    )


def test_swapped_texts_turn_its_sign(meter, clip_folder, frames):
    swapped = make_meter(
        "clip_direction",
        model=str(clip_folder),
        source_text=TEXTS["target_text"],
        target_text=TEXTS["source_text"],
    )
    np.testing.assert_allclose(
        swapped.values(frames, 0, None), -meter.values(frames, 0, None), atol=1e-6
    )


def test_frames_that_do_not_change_have_no_direction(meter, frames):
    np.testing.assert_array_equal(meter.values(frames[[0, 0, 0]], 0, None), 0)


def test_it_needs_no_gradient_and_takes_long_texts(clip_folder, frames):
    long = make_meter(
        "clip_direction",
        model=str(clip_folder),
        source_text="dark " * 50,
        target_text="light " * 50,
    )
    assert np.isfinite(long.values(frames, 0, None)).all()
    assert all(parameter.grad is None for parameter in long._model.parameters())


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("model.safetensors", "cannot be loaded"),
        ("config.json", "cannot be loaded"),
        ("preprocessor_config.json", "cannot be loaded"),
        ("tokenizer.json", "has no vocabulary"),
    ],
)
def test_a_folder_that_lacks_a_file_is_named(clip_folder, tmp_path, missing, message):
    folder = tmp_path / "broken"
    shutil.copytree(clip_folder, folder)
    (folder / missing).unlink()
    with pytest.raises(ZollstockError, match=message) as raised:
        make_meter("clip_direction", model=str(folder), **TEXTS)
    assert str(folder) in raised.value.where


def test_a_folder_without_all_weights_is_named(clip_folder, tmp_path):
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "half"
    shutil.copytree(clip_folder, folder)
    weights = load_file(folder / "model.safetensors")
    del weights["visual_projection.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ZollstockError, match=r"lacks weights of CLIP \(visual_projection"):
        make_meter("clip_direction", model=str(folder), **TEXTS)


@pytest.mark.parametrize("name", ["openai/clip-vit-base-patch32", "nobody/nothing"])
def test_nothing_is_asked_of_the_network(name, monkeypatch, tmp_path):
    asked = []

    def refuse(*place):
        asked.append(place)
        raise OSError("no network")

    # As in a job that was started without the variable: what counts is the call.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with pytest.raises(ZollstockError, match="cannot be loaded") as raised:
        make_meter("clip_direction", model=name, **TEXTS)
    assert raised.value.where == f"clip.model {name}"
    assert "hf download" in str(raised.value)
    assert not asked
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_texts_that_mean_the_same_are_named(clip_folder):
    with pytest.raises(ZollstockError, match="does not tell 'dark fur' from 'dark fur'"):
        make_meter(
            "clip_direction",
            model=str(clip_folder),
            source_text="dark fur",
            target_text="dark fur",
        )
