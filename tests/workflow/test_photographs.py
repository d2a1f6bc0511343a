"""Three photographs of different sizes, edited on their pixels, up to scores and ledger."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
import zarr
from PIL import Image

pytestmark = pytest.mark.workflow

BUILDER = (
    "import torch\n"
    "def build():\n"
    "    torch.manual_seed(1)\n"
    "    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(),\n"
    "        torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(4, 2))\n"
)
SIZES = {"dog": (40, 30), "cat": (30, 44), "mug": (32, 32)}


@pytest.fixture
def photos(workspace, monkeypatch):
    """A study of a flat folder of photographs, and of a model of the user's own."""
    (workspace.folder / "ownphoto.py").write_text(BUILDER)
    namespace = {}
    exec(BUILDER, namespace)
    torch.save(namespace["build"]().state_dict(), workspace.folder / "weights.pth")
    for seed, (name, size) in enumerate(SIZES.items()):
        pixels = np.random.default_rng(seed).integers(60, 200, (*size, 3), dtype=np.uint8)
        (workspace.folder / "photos").mkdir(exist_ok=True)
        (workspace.folder / "masks").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(workspace.folder / "photos" / f"{name}.png")
        grey = np.zeros(size, np.uint8)
        grey[: size[0] // 2] = 255
        Image.fromarray(grey).save(workspace.folder / "masks" / f"{name}.png")
    shared = {"steps": 7, "size": [24, 24]}
    return {
        "study": "photos",
        "images": {"source": "folder", "path": "photos"},
        "properties": {
            "light": {"engine": "photometric", "operation": "brightness"}
            | shared
            | {"mask": "masks", "where": "outside"},
            "mark": {"engine": "overlay", "text": "X", "stop": 0.6, "position": "random"} | shared,
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
        "scoring": {"permutations": 99, "statistics": ["paper_grad"]},
        "figures": {"dpi": 60},
    }


def frames_of(results, name):
    """Return axis and frames of a property, and its manifest."""
    manifest = json.loads((results / "interventions" / f"{name}.json").read_text())
    group = zarr.open_group(results / "interventions" / manifest["store"], mode="r")
    return np.asarray(group["axis"]), np.asarray(group["frames"]), manifest


def test_a_study_of_photographs_is_scored_and_drawn(workspace, photos):
    run = workspace.run(photos)
    assert run.code == 0, run.text
    results = workspace.results("photos")
    scores = pd.read_csv(results / "scores" / "scores.csv")
    assert len(scores) == 2 * 3 and scores["score"].notna().all()
    assert (results / "figures" / "light" / "frames.png").stat().st_size > 0

    axis, frames, _ = frames_of(results, "light")
    np.testing.assert_allclose(axis.reshape(-1, 7)[0], np.linspace(-0.8, 0.8, 7), atol=1e-12)
    frames = frames.reshape(-1, 7, 24, 24, 3).astype(int)
    inside = np.abs(np.diff(frames, axis=1))[:, :, :11]
    assert not inside.any() and (np.diff(frames, axis=1)[:, :, 13:] > 0).any()

    # Nothing is flagged as unmeasured: what the edit did is known from its knob.
    for name in ("light", "mark"):
        ledger = pd.read_csv(results / "ledger" / f"{name}.csv", keep_default_na=False)
        assert set(ledger["flags"]) == {""}, ledger
        steps = pd.read_csv(results / "ledger" / f"{name}.steps.csv")
        assert (steps.loc[steps["zero"], "axis"] == 0).all()
        assert (steps.loc[steps["zero"], "pixel_change"] == 0).all()
    light = pd.read_csv(results / "ledger" / "light.csv")
    assert (light["collateral"].astype(float) < 1e-3).all()

    # A mask that changes makes its property again, and nothing else.
    mask = workspace.folder / "masks" / "dog.png"
    Image.fromarray(255 - np.asarray(Image.open(mask))).save(mask)
    again = workspace.run(photos, "--dry-run").jobs()
    assert again["intervene"] == 1 and "select_images" not in again


def test_what_is_wrong_is_said_before_frames_are_made(workspace, photos):
    (workspace.folder / "masks" / "dog.png").unlink()
    run = workspace.run(photos, "results/photos/interventions/light.json")
    assert run.code == 1
    assert "masks: has none for the image 'dog' (mask); expected one picture" in run.text
    photos["properties"]["mark"] |= {"text": None, "picture": "logo.png"}
    run = workspace.run(photos, "--dry-run")
    assert run.code == 1 and "logo.png (properties.mark.picture)" in run.text
