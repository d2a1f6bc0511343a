"""The stage dynamics in the workflow: every checkpoint is measured, the last one is the model."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from zollstock.files import sha256_of
from zollstock.inference.run import Runner
from zollstock.inference.series import of_checkpoint
from zollstock.models.card import load_model
from zollstock.models.registry import build_model

pytestmark = pytest.mark.workflow

GREY = {"source": "renderer", "distribution": "grey_with_age"}
NET = {"family": "densenet", "arguments": {"layers": [1], "growth": 4, "channels": 4}}
STUDY = {
    "study": "mini",
    "seed": 3,
    "world": {"name": "faces", "size": 16},
    "images": {"source": "renderer", "n_per_class": 2},
    "properties": {"grey": {"engine": "rendered", "latent": "hair_greyness", "steps": 4}},
    "pretraining": {
        "task": NET | {"training": {"data": {"source": "renderer", "label_by": ["glasses"]}}}
    },
    "models": {
        "tuned": NET
        | {"checkpoints": "every epoch", "training": {"data": GREY, "start_from": "task"}},
        "mine": NET | {"classes": ["old", "young"], "checkpoints": "runs/*/epoch_*.pth"},
    },
    "dynamics": {"architectures": {"Two": {"pretrained": "tuned", "random": "mine"}}},
    "training": {"images": 64, "test_images": 32, "epochs": 3},
    "placebos": {"number": 19, "steps": 2},
    "scoring": {"statistics": ["paper_grad", "epgm"], "permutations": 99, "output": "young"},
    "inference": {"batch_size": 16, "device": "cpu"},
    "figures": {"dpi": 60, "formats": ["png"]},
}


def test_every_checkpoint_is_measured_and_a_users_own_too(workspace):
    for epoch in (9, 10):
        torch.manual_seed(epoch)
        file = workspace.folder / f"runs/a/epoch_{epoch}.pth"
        file.parent.mkdir(parents=True, exist_ok=True)
        torch.save(build_model("densenet", NET["arguments"], 2).state_dict(), file)
    run = workspace.run(copy.deepcopy(STUDY), "dynamics")
    assert run.code == 0, run.text
    results = workspace.results()
    folder, models = results / "dynamics", results / "models"
    kept = sorted((models / "checkpoints/tuned").glob("*.*s"))
    assert [file.name for file in kept] == [f"epoch-000{n}.safetensors" for n in (1, 2, 3)]
    assert sha256_of(kept[-1]) == sha256_of(models / "tuned.safetensors")
    assert len({sha256_of(file) for file in kept}) == 3
    found = {n: pd.read_csv(folder / f"{n}.csv") for n in ("checkpoints", "tests", "series")}
    assert len(found["checkpoints"]) == 3 + 2 and len(found["tests"]) == 4 * 5
    assert list(found["checkpoints"]["epoch"]) == [1, 2, 3, 9, 10]
    mean = found["tests"].groupby(["model", "epoch"])["paper_grad"].mean()
    for row in found["checkpoints"].itertuples():
        assert row.score == pytest.approx(mean[row.model, row.epoch], rel=1e-4)
    accuracy = pd.read_csv(folder / "accuracy.csv")
    own = {"the study's images"}
    splits = accuracy.groupby("model")["split"].unique()
    assert set(splits["tuned"]) == {"unbiased", "grey_with_age"} | own
    assert set(splits["mine"]) == own
    for name in ("epochs", "flips"):
        assert (results / f"figures/dynamics/{name}/grey.png").exists()
    # The last one is the model of the chain.
    last = of_checkpoint(folder / "predictions/pictures/mine.zarr", 1)
    model = Runner(load_model(models / "mine.safetensors", models / "mine.json"), device="cpu")
    said = dict(zip(last.images, last.unedited_probabilities, strict=True))
    for file in (results / "images/pixels").glob("*.png"):
        alone = model.probabilities(np.asarray(Image.open(file))[None])[0]
        np.testing.assert_allclose(alone, said[file.stem], atol=1e-5)
    run = workspace.run(copy.deepcopy(STUDY), "dynamics", "--dry-run")
    assert "Nothing to be done" in run.text
