"""Tiny editors, and what every test of an editor needs."""

import numpy as np
import pytest
import torch
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit
from PIL import Image

from tests.unit.engines.diffusion import tiny
from zollstock.engines import make_engine
from zollstock.engines.diffusion.base import RunOptions
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png


@pytest.fixture
def picture(tmp_path):
    """Make the record of a picture of height and width."""

    def make(height, width=None, seed=0):
        shape = (height, width or height, 3)
        pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
        file = tmp_path / f"{height}-{width}-{seed}.png"
        save_png(pixels, file)
        return ImageRecord("one", "cat", pixel_sha256(pixels), "test", file)

    return make


@pytest.fixture
def source(picture):
    """A picture as pipelines take it, wider than high."""
    return Image.fromarray(picture(32, 48).pixels())


def frames(engine, source, values, seed=5):
    """Return the frames of an edit as the engine's pipeline gives them."""
    with torch.inference_mode():
        return engine.edit(engine.begin(source, seed), np.array(values))


@pytest.fixture
def engine_for_checkpoint():
    """Make an engine on the CPU with few steps."""

    def make(name, folder, run=None, **settings):
        base = {"checkpoint": str(folder), "instruction": tiny.WORDS[0], "steps": 3}
        run = run or RunOptions(device="cpu")
        return make_engine(name, base | settings, run)

    return make


@pytest.fixture
def small_sources(monkeypatch):
    """Let Qwen-Image-Edit see the source at 64×64 pixels; a megapixel takes long on a CPU."""
    monkeypatch.setattr(
        pipeline_qwenimage_edit, "calculate_dimensions", lambda area, ratio: (64, 64, None)
    )


def checkpoint(build):
    """Return a fixture: a folder with the checkpoint that `build` saves."""

    @pytest.fixture(scope="session", name=f"tiny_{build.__name__}")
    def folder(tmp_path_factory):
        place = tmp_path_factory.mktemp(build.__name__)
        build(place)
        return place

    return folder


tiny_sd = checkpoint(tiny.sd)
tiny_sdxl = checkpoint(tiny.sdxl)
tiny_kontext = checkpoint(tiny.kontext)
tiny_flux = checkpoint(tiny.flux)
tiny_sd3 = checkpoint(tiny.sd3)
tiny_qwen = checkpoint(tiny.qwen)
