"""Classifiers that transformers builds from a config: logits alone, and mistakes in words."""

import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.models.registry import build_model

pytest.importorskip("transformers")

TINY = {
    "resnet": {"embedding_size": 8, "hidden_sizes": [8], "depths": [1], "layer_type": "basic"},
    "vit": {
        "image_size": 16,
        "patch_size": 8,
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 8,
    },
}


@pytest.mark.parametrize("name", TINY)
def test_an_architecture_returns_logits_and_can_be_trained(name):
    torch.manual_seed(0)
    model = build_model("architecture", {"model_type": name} | TINY[name], 3)
    logits = model(torch.rand(2, 3, 16, 16))
    assert logits.shape == (2, 3) and isinstance(logits, torch.Tensor)
    logits.sum().backward()
    assert all(p.grad is not None for p in model.parameters() if p.requires_grad)
    torch.manual_seed(0)
    again = build_model("architecture", {"model_type": name} | TINY[name], 3)
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True)
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model_type": "resnett"}, "Did you mean 'resnet'"),
        ({"model_type": "resnet", "depth": [1]}, "arguments.depth: .*Did you mean 'depths'"),
        ({"model_type": "resnet", "layer_type": "x"}, "do not fit the builder"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ZollstockError, match=message):
        build_model("architecture", arguments, 2)
