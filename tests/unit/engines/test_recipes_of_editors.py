"""Programs for editors with an environment of their own, run with a stand-in for the editor."""

import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from zollstock.engines import make_engine
from zollstock.engines.base import FailedPath
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png
from zollstock.plan.files import files_of_command

RECIPE = Path(__file__).resolve().parents[3] / "resources/recipes/mgie.py"

STAND_IN = """
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from PIL import Image

@dataclass
class MGIEParams:
    device: Any = "cpu"
    half: bool = False
    models_path: Path = Path("data")
    seed: int = 13331
    cfg_txt: float = 7.5
    cfg_img: float = 1.5
    max_size: int = 512

class MGIE:
    def __init__(self, params):
        self.params = params
        assert (params.models_path / "mgie_7b/unet.pt").exists()

    def edit(self, image, instruction):
        if self.params.max_size:
            image.thumbnail((self.params.max_size, self.params.max_size))
        guided = self.params.cfg_txt > 1.0 and self.params.cfg_img >= 1.0
        added = int(10 * self.params.cfg_txt) if guided else 200
        word = len(instruction) + self.params.seed % 2
        frame = image.point(lambda grey: min(grey + (added and added + word), 255))
        width, height = image.size
        return frame.resize((width // 8 * 8, height // 8 * 8)), f"I shall {instruction}."
"""


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A folder of weights, and a package that is called as MGIE's; torch says where it runs."""
    package = tmp_path / "packages/ml_mgie"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "mgie.py").write_text(textwrap.dedent(STAND_IN))
    (tmp_path / "packages/torch.py").write_text("device = str")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    for name in ("LLaVA-7B-v1", "mgie_7b"):
        (tmp_path / "models" / name).mkdir(parents=True)
    for name in ("mllm.pt", "unet.pt"):
        (tmp_path / "models/mgie_7b" / name).touch()
    return tmp_path / "models"


@pytest.fixture
def image(tmp_path):
    pixels = np.full((24, 32, 3), 100, np.uint8)
    save_png(pixels, tmp_path / "cat.png")
    return ImageRecord("cat", "cat", pixel_sha256(pixels), "test", tmp_path / "cat.png")


def engine_of(models, *further, steps=5, **settings):
    named = [sys.executable, str(RECIPE), "{image}", "{axis}", "{output}"]
    told = ["--instruction={instruction}", "--seed={seed}", f"--models={models}", "--device=cpu"]
    how = {"instruction": "go", "start": 0, "stop": 4, "steps": steps} | settings
    return make_engine("command", {"command": [*named, *told, *further]} | how)


def path_of(engine, image, seed=2):
    engine.shape([image])
    return engine.path(image, seed, lambda done: None)


def test_mgie_gives_a_frame_for_each_guidance_scale(models, image):
    path = path_of(engine_of(models), image)
    np.testing.assert_array_equal(path.axis, [0, 1, 2, 3, 4])
    np.testing.assert_array_equal(path.unedited, image.pixels())
    # At 1 the pipeline would leave guidance out, and the frame would be one of another kind.
    np.testing.assert_array_equal(path.frames[:, 0, 0, 0], [100, 112, 122, 132, 142])


def test_the_seed_and_the_instruction_reach_mgie(models, image):
    one, two = (path_of(engine_of(models), image, seed).frames for seed in (2, 3))
    np.testing.assert_array_equal(two[1:].astype(int) - one[1:], 1)
    longer = path_of(engine_of(models, instruction="go on"), image).frames
    np.testing.assert_array_equal(longer[1:].astype(int) - one[1:], 3)


def test_pictures_keep_their_size_whatever_mgie_makes_of_them(models, image):
    for size in ([20, 30], [24, 600]):
        path = path_of(engine_of(models, size=size, fit="stretch"), image)
        assert path.frames.shape == (5, *size, 3)


def test_what_is_missing_is_told_in_a_line(models, image, monkeypatch):
    with pytest.raises(FailedPath, match="mgie: the axis has -4"):
        path_of(engine_of(models, start=-4), image)
    monkeypatch.setenv("PYTHONPATH", "")
    if sys.modules.get("ml_mgie") is None:
        with pytest.raises(FailedPath, match="ml_mgie cannot be imported; run with the Python"):
            path_of(engine_of(models), image)
    (models / "mgie_7b/mllm.pt").unlink()
    with pytest.raises(FailedPath, match=r"has no mgie_7b/mllm\.pt; see README"):
        path_of(engine_of(models), image)


def test_a_change_of_the_program_makes_frames_again(models, monkeypatch):
    monkeypatch.chdir(RECIPE.parents[2])
    assert files_of_command(engine_of(models).command) == [str(RECIPE)]
