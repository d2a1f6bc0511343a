"""A user's file becomes a model of the workflow; what was taken of it is said."""

import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.jobs.import_checkpoint import import_checkpoint
from zollstock.models.card import load_model
from zollstock.models.convmixer import convmixer

ARGUMENTS = {"dim": 4, "depth": 1, "kernel_size": 3, "patch_size": 4}


@pytest.fixture
def brought(tmp_path):
    """Import a file that holds something made of two models."""
    torch.manual_seed(0)
    states = [convmixer(**ARGUMENTS).state_dict() for _ in range(2)]

    def bring(wrap, **settings):
        torch.save(wrap(*states), tmp_path / "given.pth")
        model = {
            "family": "convmixer",
            "arguments": ARGUMENTS,
            "weights": str(tmp_path / "given.pth"),
            "key": None,
            "classes": ["cat", "dog"],
            "preprocessing": {
                **{"size": 16, "resize": "bilinear", "fit": "stretch", "channels": None},
                **{"mean": [0.5] * 3, "std": [0.5] * 3},
            },
        }
        files = tmp_path / "mine.safetensors", tmp_path / "mine.json"
        import_checkpoint(model=model | settings, weights=files[0], card=files[1])
        found = load_model(*files).module.state_dict()
        return [all(torch.equal(found[key], state[key]) for key in state) for state in states]

    return bring


def test_a_prefix_and_what_was_left_out_are_said(brought, capsys):
    def lightning(first, second):
        state = {f"model.{name}": value for name, value in first.items()}
        return {"state_dict": state | {"loss.weight": torch.ones(2)}, "epoch": 3}

    assert brought(lightning) == [True, False]
    said = capsys.readouterr().err
    assert "mine: the weights are those under 'state_dict.model'" in said
    assert "mine: 1 tensors of the file are no part of it, first loss.weight" in said


def test_of_raw_and_averaged_weights_one_has_to_be_chosen(brought):
    def timm(raw, averaged):
        return {"state_dict": raw, "state_dict_ema": averaged, "optimizer": {"state": {}}}

    with pytest.raises(ZollstockError, match="state_dict, state_dict_ema"):
        brought(timm)
    assert brought(timm, key="state_dict_ema") == [False, True]
    assert brought(timm, key="state_dict") == [True, False]


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"arguments": ARGUMENTS | {"dims": 4}}, "models.mine.arguments"),
        ({"classes": ["cat", "dog", "cow"]}, "given.pth"),  # that of the file says enough
        ({"family": "torch.nn:LazyLinear", "arguments": {"out_features": 2}}, "models.mine.family"),
    ],
)
def test_an_error_says_which_model_it_is_about(brought, settings, where):
    with pytest.raises(ZollstockError) as raised:
        brought(lambda first, second: first, **settings)
    assert raised.value.where.endswith(where)
