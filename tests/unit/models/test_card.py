"""A model on disk."""

import hashlib

import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.files import read_json
from zollstock.images.geometry import Geometry
from zollstock.models.card import load_model, save_model
from zollstock.models.normalisation import Normalisation
from zollstock.models.registry import FAMILIES


class Tied(torch.nn.Module):
    """Two layers that share one weight."""

    def __init__(self, n_classes, width=2):
        super().__init__()
        self.first = torch.nn.Conv2d(3, 3, 1, bias=False)
        self.second = torch.nn.Conv2d(3, 3, 1, bias=False)
        self.second.weight = self.first.weight
        self.head = torch.nn.Linear(3, n_classes)
        self.register_buffer("count", torch.tensor(width))

    def forward(self, x):
        return self.head(self.second(self.first(x)).mean((2, 3)))


@pytest.fixture
def settings(monkeypatch):
    monkeypatch.setitem(FAMILIES, "tied", Tied)
    return {
        "family": "tied",
        "arguments": {"width": 5},
        "classes": ["cat", "dog", "cow"],
        "preprocessing": {
            "size": [8, 9],
            "resize": "bicubic",
            "fit": "crop",
            "mean": [0.1, 0.2, 0.3],
            "std": [1.0, 2.0, 3.0],
        },
    }


@pytest.fixture
def saved(tmp_path, settings):
    torch.manual_seed(0)
    module = Tied(3)
    save_model(module, settings, tmp_path / "m.safetensors", tmp_path / "m.json", history=[1, 2])
    return module


def test_model_comes_back_with_tied_parameters(saved, tmp_path):
    model = load_model(tmp_path / "m.safetensors", tmp_path / "m.json")
    x = torch.rand(4, 3, 8, 9)
    assert torch.equal(model.module(x), saved(x))
    assert model.module.second.weight is model.module.first.weight
    assert not model.module.training
    assert model.classes == ("cat", "dog", "cow")
    assert model.geometry == Geometry((8, 9), "bicubic", "crop")
    assert model.normalisation == Normalisation((0.1, 0.2, 0.3), (1.0, 2.0, 3.0))


def test_card_describes_the_file(saved, tmp_path, settings):
    card = read_json(tmp_path / "m.json")
    weights = (tmp_path / "m.safetensors").read_bytes()
    assert card["sha256"] == hashlib.sha256(weights).hexdigest()
    assert card["parameters"] == 9 + 3 * 3 + 3
    assert card["history"] == [1, 2]
    assert {name: card[name] for name in settings} == settings


def test_weights_that_do_not_fit_the_card_are_refused(saved, tmp_path, settings):
    settings["classes"] = ["cat", "dog"]
    save_model(Tied(3), settings, tmp_path / "m.safetensors", tmp_path / "m.json")
    with pytest.raises(ZollstockError, match=r"head\.weight has shape"):
        load_model(tmp_path / "m.safetensors", tmp_path / "m.json")


@pytest.mark.parametrize("harm", ["another's", "cut off", "lost", "one bit"])
def test_weights_that_are_not_those_of_the_card_are_named(saved, settings, tmp_path, harm):
    file = tmp_path / "m.safetensors"
    content = bytearray(file.read_bytes())
    if harm == "lost":
        file.unlink()
    elif harm == "another's":
        save_model(Tied(3), settings, file, tmp_path / "other.json")
    else:
        content[-1] ^= 1
        file.write_bytes(content if harm == "one bit" else content[: len(content) // 2])
    found = "is missing" if harm == "lost" else "differs from what its card speaks of"
    with pytest.raises(
        ZollstockError, match=rf"m\.safetensors: {found}.*--forcerun train_classifier"
    ):
        load_model(file, tmp_path / "m.json")
