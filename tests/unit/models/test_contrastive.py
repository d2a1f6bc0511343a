"""A small CLIP that is trained here: its loss, its words, and the road by which it is read."""

import shutil

import numpy as np
import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.files import read_json
from zollstock.jobs.train_clip import train_clip
from zollstock.models.contrastive import (
    Contrastive,
    clip_of,
    embedded_pictures,
    embedded_texts,
    tokenised,
    tokeniser_of,
)
from zollstock.models.pretrained import load
from zollstock.models.registry import read_model
from zollstock.models.training import Step
from zollstock.settings.captions import CaptionTraining
from zollstock.settings.families import ClipModel

pytest.importorskip("transformers")

WORLD = {"name": "pets", "size": 32, "bias": 0.9, "shape_noise": 0.3}
NAMES = {
    "elephant": ["an elephant", "a toy elephant"],
    "giraffe": ["a giraffe"],
    "stegosaurus": ["a stegosaurus"],
}
SMALL = {
    "pictures": [{"world": "turntable", "images": 64, "names": NAMES}],
    "size": 16, "test_images": 9, "epochs": 3, "batch_size": 16, "width": 8, "depth": 1,
    "shared_width": 4,
}  # fmt: skip


class Killed(Exception):
    pass


def train(folder, seed=1, **changes):
    settings = CaptionTraining.model_validate(SMALL | changes)
    train_clip(training=settings.job(WORLD), seed=seed, folder=folder, threads=1)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return train(tmp_path_factory.mktemp("clip") / "one")


def small(captions):
    torch.manual_seed(1)
    tokeniser = tokeniser_of(captions)
    shape = {"size": 16, "patch_size": 8, "width": 8, "depth": 1, "shared_width": 4}
    return clip_of(shape, tokeniser).eval(), tokeniser


def test_words_that_were_never_said_are_spelled():
    tokeniser = tokeniser_of(["a photo of a giraffe"])
    assert tokeniser.tokenize("A giraffe, a zebra")[:2] == ["a</w>", "giraffe</w>"]
    found = tokeniser("zebra")["input_ids"]
    assert tokeniser.unk_token_id not in found[1:-1] and len(found) == 2 + len("zebra")
    assert tokeniser.decode(found, skip_special_tokens=True).strip() == "zebra"


def test_the_loss_is_that_of_clip_with_targets_that_equal_captions_share():
    captions = ["a cat", "a dog", "a cat", "a bee"]
    module, tokeniser = small(captions)
    x = torch.randn(4, 3, 16, 16)
    objective = Contrastive(tokeniser, captions, [0, 1, 0, 2], 3)
    step = Step(module, x, torch.zeros(4), np.arange(4), torch.zeros(4), 0, 0)
    loss, logits = objective.loss(step)
    said = embedded_texts(module, tokenised(tokeniser, captions))
    similar = module.logit_scale.exp() * embedded_pictures(module, x) @ said.T
    targets = torch.tensor([[0.5, 0, 0.5, 0], [0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0, 0, 1]])
    ways = [-(targets * way.log_softmax(1)).sum(1).mean() for way in (similar, similar.T)]
    assert loss.item() == pytest.approx(sum(ways).item() / 2, rel=1e-5)
    # Each class has the nearest of its captions.
    assert torch.allclose(logits[:, 1], similar[:, 1]) and torch.allclose(
        logits[:, 2], similar[:, 3]
    )


def test_a_checkpoint_is_written_that_the_family_reads_and_a_card(trained):
    card = read_json(trained / "card.json")
    history = card["history"]["loss"]
    assert len(history) == 3 and history[-1] < history[0]
    assert 0 <= card["accuracy"]["turntable"] <= 1
    assert card["trained_on"][0]["names"] == NAMES
    assert not list(trained.parent.glob("unfinished"))
    texts = {"elephant": ["a photo of an elephant", "a toy elephant"], "other": ["a zebra"]}
    settings = ClipModel(family="clip", checkpoint=str(trained), classes=texts)
    read = read_model(settings.job_settings() | {"folder": str(trained)})
    assert (read.outputs, read.classes, read.notes) == ("similarity", list(texts), ())
    assert read.preprocessing["size"] == [16, 16]
    with torch.inference_mode():
        found = read.module(torch.randn(2, 3, 16, 16))
    assert found.shape == (2, 2) and found.abs().max() <= 1


def test_a_killed_training_goes_on_and_ends_the_same(trained, tmp_path, monkeypatch):
    folder = tmp_path / "two"
    kept = []

    def killed(self, *arguments):
        keep(self, *arguments)
        kept.append(self.file)
        raise Killed

    from zollstock.models.unfinished import Unfinished

    keep = Unfinished.keep
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Unfinished, "keep", killed)
        train(folder)
    assert kept[0].is_file() and not folder.exists()
    train(folder)
    assert not kept[0].exists()
    one, two = ((at / "model.safetensors").read_bytes() for at in (trained, folder))
    assert one == two


def test_another_seed_is_another_model(trained, tmp_path):
    other = train(tmp_path / "other", seed=2, epochs=1)
    assert (other / "model.safetensors").read_bytes() != (
        trained / "model.safetensors"
    ).read_bytes()


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_harmed_or_lost_file_of_a_training_is_named(trained, tmp_path, name):
    from transformers import CLIPModel

    folder = tmp_path / "clip"
    shutil.copytree(trained, folder)
    load(CLIPModel, folder)
    content = bytearray((folder / name).read_bytes())
    content[-2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ZollstockError, match=f"{name}: differs from what its.*train_clip"):
        load(CLIPModel, folder)
    (folder / name).unlink()
    with pytest.raises(ZollstockError, match=f"{name}: is missing"):
        load(CLIPModel, folder)
