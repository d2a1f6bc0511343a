"""Models that an adaptive path or a placebo looks at."""

from pathlib import Path

import numpy as np
import pytest
import torch

from zollstock.inference.classify import correct_for_all
from zollstock.jobs import watching
from zollstock.models.card import load_model, save_model
from zollstock.models.convmixer import convmixer

SETTINGS = {
    "family": "convmixer",
    "arguments": {"dim": 4, "depth": 1, "kernel_size": 3, "patch_size": 4},
    "classes": ["cat", "dog"],
    "preprocessing": {
        **{"size": None, "resize": "bilinear", "fit": "stretch"},
        **{"mean": [0.5] * 3, "std": [0.5] * 3},
    },
}


@pytest.fixture
def files(tmp_path):
    found = []
    for seed in range(2):
        torch.manual_seed(seed)
        pair = tmp_path / f"{seed}.safetensors", tmp_path / f"{seed}.json"
        save_model(convmixer(**SETTINGS["arguments"]), SETTINGS, *pair)
        found += map(str, pair)
    return found


def test_all_classes_of_all_models_are_seen(files):
    frames = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    found = watching.probabilities(files, "cpu")(frames)
    assert found.shape == (3, 4)
    np.testing.assert_allclose(found.reshape(3, 2, 2).sum(axis=2), 1, atol=1e-6)


def test_they_run_on_the_device_that_is_asked_for(files, monkeypatch):
    asked = []

    def spy(wanted, *, shared=False):
        asked.append((wanted, shared))
        return torch.device("cpu")

    monkeypatch.setattr("zollstock.inference.run.hold_device", spy)
    watching.probabilities(files, "cuda")
    # A process has one GPU; it is the editor's, alone.
    assert asked == [("cuda", False)] * 2
    asked.clear()
    correct_for_all([load_model(Path(files[0]), Path(files[1]))], "mps")
    assert asked == [("mps", True)]
