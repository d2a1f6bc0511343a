"""Building models by name or from the user's own module."""

import sys

import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.models.registry import FAMILIES, build_model, register_family

SOURCE = """
import torch

def linear(n_classes, width=4):
    return torch.nn.Linear(width, n_classes)

def fixed(**options):
    return torch.nn.Linear(1, 7)

def no_module():
    return {"weights": 1}

def fussy(size):
    raise ValueError("size must be even")

number = 3
"""


@pytest.fixture
def own_module(tmp_path, monkeypatch):
    """A module in the current folder, which is not on the search path."""
    (tmp_path / "own_nets.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    yield
    sys.modules.pop("own_nets", None)


def test_own_function_is_found_in_the_current_folder_and_told_the_classes(own_module):
    model = build_model("own_nets:linear", {"width": 5}, 3)
    assert model.weight.shape == (3, 5)


def test_number_of_classes_in_the_arguments_wins_and_is_not_forced_on_others(own_module):
    assert build_model("own_nets:linear", {"n_classes": 9}, 3).out_features == 9
    assert build_model("own_nets:fixed", {}, 3).out_features == 7


def test_registered_families_are_built(monkeypatch):
    monkeypatch.setitem(FAMILIES, "mine", None)
    register_family("mine", torch.nn.Identity)
    assert isinstance(build_model("mine", {}, 2), torch.nn.Identity)
    convmixer = build_model("convmixer", {"dim": 4, "depth": 1, "patch_size": 2}, 6)
    assert convmixer(torch.zeros(1, 3, 8, 8)).shape == (1, 6)


@pytest.mark.parametrize(
    ("family", "arguments", "message"),
    [
        ("convmixr", {}, "Did you mean 'convmixer'"),
        ("xyz", {}, "or module:function. Choose one of these"),
        ("convmixer", {"dims": 4}, r"do not fit.*dims.*dim: int = 256"),
        ("convmixer", {"dim": -1, "depth": 1}, "do not fit the builder 'convmixer'"),
        ("convmixer", {"depth": "three"}, "do not fit the builder 'convmixer'"),
        ("own_nets:linear", {"widht": 4}, "widht"),
        ("own_nets:fussy", {"size": 3}, "size must be even"),
        ("own_nets:no_module", {}, "returned dict; expected a torch.nn.Module"),
        ("own_nets:number", {}, "'own_nets:number' is no function"),
        ("own_nets:absent", {}, "cannot be imported.*absent"),
        ("not_there:f", {}, "cannot be imported.*not_there"),
        (":f", {}, "cannot be imported"),
        (".own_nets:linear", {}, "cannot be imported"),
        ("builtins:dict", {}, "returned dict"),
        ("torch.nn:LazyLinear", {"out_features": 2}, "whose 'weight' has no size yet"),
    ],
)
def test_wrong_families_and_arguments_are_named(own_module, family, arguments, message):
    with pytest.raises(ZollstockError, match=message):
        build_model(family, arguments, 2)
