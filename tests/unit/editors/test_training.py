"""A very short training: it learns, it is seeded, and what it writes is an editor."""

import dataclasses
import json
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from zollstock.editors.architecture import Size, build_editor
from zollstock.editors.making import make_editor, sweeps
from zollstock.editors.pairs import EDITS
from zollstock.editors.training import Recipe, train_autoencoder, train_denoiser
from zollstock.engines.diffusion.base import RunOptions
from zollstock.images.selection import select_rendered
from zollstock.worlds import get_world

TINY = Size(image=16, autoencoder_channels=8, latent_channels=4, unet_channels=(16, 16))
SHORT = Recipe(
    seed=3, sources=16, passes=2, autoencoder_samples=640, samples=960, batch=16, decay=0.9
)
USE = {"image_guidance": 1.0, "stop": 2.0, "denoising_steps": 3}


class Count:
    def __init__(self):
        self.done = 0

    def __call__(self, finished):
        self.done += finished


@pytest.fixture
def progress():
    opened = []

    @contextmanager
    def open_progress(title, total):
        count = Count()
        yield count
        opened.append((title, count.done, total))

    open_progress.opened = opened
    return open_progress


def test_the_autoencoder_learns_and_its_scale_is_noted():
    torch.manual_seed(0)
    vae = build_editor(list(EDITS), TINY).vae
    losses = []
    train_autoencoder(vae, SHORT, 16, step_done=lambda samples, loss: losses.append(loss))
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
    assert vae.config.scaling_factor != 1.0


def test_the_denoiser_learns():
    torch.manual_seed(0)
    editor = build_editor(list(EDITS), TINY)
    losses = []
    train_denoiser(editor, SHORT, 16, step_done=lambda samples, loss: losses.append(loss))
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:10])


def test_few_sources_make_smaller_batches_not_an_endless_wait():
    torch.manual_seed(0)
    few = dataclasses.replace(SHORT, sources=1, samples=32, batch=16)
    seen = []
    train_denoiser(build_editor(list(EDITS), TINY), few, 16, step_done=lambda n, _: seen.append(n))
    assert seen == [16, 32]


def test_make_editor_writes_a_working_editor_the_same_one_every_time(tmp_path, progress):
    recipe = dataclasses.replace(SHORT, samples=64, autoencoder_samples=64)
    for name in ("one", "two"):
        make_editor(tmp_path / name, recipe, TINY, device="cpu", progress=progress, **USE)
    weights = [
        (tmp_path / name / "unet" / "diffusion_pytorch_model.safetensors").read_bytes()
        for name in ("one", "two")
    ]
    assert weights[0] == weights[1]
    assert [(done, total) for _, done, total in progress.opened] == [(64, 64)] * 4
    card = json.loads((tmp_path / "one" / "editor.json").read_text())
    assert card["instructions"] == [*EDITS, "keep"]
    assert card["recipe"]["samples"] == 64 and card["use"]["stop"] == 2.0

    image = select_rendered(
        get_world("pets"),
        n_per_class=1,
        seed=1,
        folder=tmp_path / "images",
        distribution="unbiased",
        size=16,
        bias=0.98,
        shape_noise=0.3,
    ).images[0]
    engines, keep = sweeps(tmp_path / "one", steps=5, use=USE, run=RunOptions(device="cpu"))
    assert set(engines) == {"fur", "background"}
    still = keep.path(image, 1, lambda done: None).frames
    # "keep" has the embedding of no instruction: guidance has nothing to amplify.
    assert np.abs(still.astype(int) - still[2]).max() <= 1
    path = engines["fur"].path(image, 1, lambda done: None)
    np.testing.assert_allclose(path.axis, [-2, -1, 0, 1, 2])
