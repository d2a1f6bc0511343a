"""Training that begins from another model: all weights but the last layer's are taken over."""

from pathlib import Path

import pytest
import torch

from tests.unit.models.test_architecture import TINY
from zollstock.errors import ZollstockError
from zollstock.models.registry import build_model
from zollstock.models.starting import begin_from, last_layer

BUILT = {
    "convmixer": ("convmixer", {"dim": 4, "depth": 1}),
    "resnet": ("architecture", {"model_type": "resnet"} | TINY["resnet"]),
    "vit": ("architecture", {"model_type": "vit"} | TINY["vit"]),
}


def built(name, classes, seed):
    torch.manual_seed(seed)
    return build_model(*BUILT[name], classes)


@pytest.mark.parametrize("name", BUILT)
def test_all_but_the_last_layer_is_taken_over(name):
    pytest.importorskip("transformers")
    model, other = built(name, 2, 0), built(name, 2, 1)  # with as many outputs
    fresh = {key: value.clone() for key, value in model.state_dict().items()}
    inputs, drawn = torch.rand(1, 3, 16, 16), torch.get_rng_state()
    last = last_layer(model, inputs)
    assert model.training and torch.equal(drawn, torch.get_rng_state())
    assert all(torch.equal(fresh[key], value) for key, value in model.state_dict().items())
    layer = model.get_submodule(last)
    assert layer.out_features == 2
    begin_from(model, other.state_dict(), last, Path("other.safetensors"))
    for key, value in model.state_dict().items():
        source = fresh if key.startswith(f"{last}.") else other.state_dict()
        assert torch.equal(value, source[key]), key
    assert not torch.equal(layer.weight, other.get_submodule(last).weight)
    begin_from(model, built(name, 5, 2).state_dict(), last, Path())  # a head of another size


def test_what_is_of_another_architecture_is_named():
    model = built("convmixer", 2, 0)
    last = last_layer(model, torch.rand(1, 3, 16, 16))
    wider = build_model("convmixer", {"dim": 8, "depth": 1}, 2)
    with pytest.raises(ZollstockError, match=r"other.*has the shape \(8, .*same family"):
        begin_from(model, wider.state_dict(), last, Path("other.safetensors"))
    with pytest.raises(ZollstockError, match="is not in it"):
        begin_from(model, {}, last, Path("other.safetensors"))
    with pytest.raises(ZollstockError, match="without a layer with weights"):
        last_layer(torch.nn.Flatten(), torch.rand(1, 3, 16, 16))
