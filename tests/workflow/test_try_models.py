"""The mistakes that everyone makes with a model show before a frame is made."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

pytestmark = pytest.mark.workflow

OWN = """
import torch
from torch import nn


class Light(nn.Module):
    def forward(self, x):
        light = 4 * x.mean((1, 2, 3))
        return torch.stack([-light, light], 1)


def build():
    return Light()


def ends_in_softmax():
    return nn.Sequential(Light(), nn.Softmax(1))


def fixed():
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 9 * 9, 2))
"""

STUDY = {
    "study": "mine",
    "images": {"source": "folder", "path": "images"},
    "properties": {"light": {"engine": "photometric", "operation": "brightness", "steps": 7}},
    "inference": {"device": "cpu"},
}
CLASSES = ["dark", "bright"]
MODELS = {
    "right": {"family": "own:build", "classes": CLASSES},
    "swapped": {"family": "own:build", "classes": CLASSES[::-1]},
    # The mean of pixels in 0 to 1, and the deviation that makes 0 to 255 of them.
    "scaled": {
        "family": "own:build",
        "classes": CLASSES,
        "preprocessing": {"mean": 0.0, "std": 1 / 255},
    },
    "softmax": {"family": "own:ends_in_softmax", "classes": CLASSES},
    "others": {"family": "own:build", "classes": ["dusky", "brightly"]},
}


@pytest.fixture
def lights(workspace):
    """Four dark and four bright pictures."""
    (workspace.folder / "own.py").write_text(OWN)
    rng = np.random.default_rng(0)
    for label, least in (("dark", 20), ("bright", 150)):
        folder = workspace.folder / "images" / label
        folder.mkdir(parents=True)
        for n in range(4):
            pixels = rng.integers(least, least + 80, (24, 24, 3), np.uint8)
            Image.fromarray(pixels).save(folder / f"{n}.png")
    return workspace


def test_scale_order_and_softmax_end_in_a_visible_sign(lights):
    run = lights.run(STUDY | {"models": MODELS}, "results/mine/models/given.csv")
    assert run.code == 0, run.text
    # The right one and the one that ends in a softmax say the same, and nothing is odd about them.
    table = pd.read_csv(lights.results("mine") / "models/given.csv", keep_default_na=False)
    given = table.set_index("model")
    assert list(given.index) == list(MODELS)
    assert (given.loc[["right", "softmax"], "warnings"] == "").all()
    assert list(given["accuracy"][:4].astype(float)) == [1, 0, 0.5, 1]
    assert given["outputs"]["softmax"] == "probabilities"
    assert "returns probabilities, so no softmax follows" in given["notes"]["softmax"]
    said = pd.read_csv(lights.results("mine") / "models/pictures.csv")
    alike = said.pivot_table(index="image", columns="model", values="probability")
    np.testing.assert_allclose(alike["right"], alike["softmax"], atol=1e-5)
    notes = [line for line in run.text.splitlines() if line.startswith("note: ")]
    for words in (
        "note: swapped: none of 8 labelled pictures is classified as labelled, where chance",
        "note: scaled: all 8 pictures are classified as 'bright' although their labels differ",
        "note: others: 2 labels are no class of the model",
    ):
        assert sum(line.startswith(words) for line in notes) == 1, run.text
    assert "'bright' (nearest: 'brightly')" in given["warnings"]["others"]
    assert not any(line.startswith(("note: right", "note: softmax")) for line in notes)
    assert not (lights.results("mine") / "interventions").exists()


def test_a_model_that_refuses_the_pictures_ends_the_run_before_a_frame_is_made(lights):
    """Its size is none that is tried when it comes in, and what frames have is known here."""
    models = {"right": MODELS["right"], "small": {"family": "own:fixed", "classes": CLASSES}}
    run = lights.run(STUDY | {"models": models}, "--cores", "1")
    assert run.code == 1
    [line] = [line for line in run.text.splitlines() if line.startswith("zollstock: ")]
    assert "models.small.preprocessing: the model refuses input of 24×24 pixels" in line
    assert "Traceback" not in run.text
    assert not (lights.results("mine") / "interventions").exists()
    models["small"]["preprocessing"] = {"size": 9}
    run = lights.run(STUDY | {"models": models}, "results/mine/models/given.csv")
    assert run.code == 0, run.text
