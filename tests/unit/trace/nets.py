"""Small networks of all kinds, random and in evaluation mode."""

import pytest
import torch
from torch import nn

from zollstock.models.convmixer import convmixer
from zollstock.models.lenet import lenet


class Twice(nn.Module):
    """One linear layer at two places, a functional activation, and a dict as the answer."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 5)
        self.same = nn.Linear(5, 5)
        self.head = nn.Linear(5, 3)

    def forward(self, x):
        x = torch.relu_(self.first(x))
        x = self.same(x).tanh()
        return {"logits": self.head(self.same(x)), "hidden": x}


class Joined(nn.Module):
    """DenseNet's concatenation: channels of a source lie behind those of another one."""

    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 4, 3, padding=1)
        self.two = nn.Conv2d(4, 4, 3, padding=1)
        self.three = nn.Conv2d(8, 2, 1)
        self.head = nn.Linear(2, 3)

    def forward(self, x):
        x = self.one(x)
        x = torch.cat([x, self.two(x.relu())], 1)
        return self.head(self.three(x).mean((2, 3)))


class Plain(nn.Module):
    """No layer with weights."""

    def forward(self, x):
        return x.mean((2, 3))


def tiny_vit(layers=2):
    transformers = pytest.importorskip("transformers")
    config = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=24,
        image_size=32, patch_size=8, num_labels=3,
    )  # fmt: skip
    return transformers.ViTForImageClassification(config)


def tiny_convnext():
    transformers = pytest.importorskip("transformers")
    config = transformers.ConvNextConfig(
        num_stages=2, hidden_sizes=[8, 16], depths=[1, 1], num_labels=3, layer_scale_init_value=0.5
    )
    return transformers.ConvNextForImageClassification(config)


def tiny_resnet(**given):
    transformers = pytest.importorskip("transformers")
    sizes = {
        "embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic",
        "num_labels": 3,
    }  # fmt: skip
    return transformers.ResNetForImageClassification(transformers.ResNetConfig(**sizes | given))


NETS = {
    "lenet": (lambda: lenet(3, 1), (1, 32, 32)),
    "convmixer": (lambda: convmixer(8, 2, 3, 4, 3), (3, 16, 16)),
    "resnet": (tiny_resnet, (3, 32, 32)),
    "convnext": (tiny_convnext, (3, 32, 32)),
    "vit": (tiny_vit, (3, 32, 32)),
    "joined": (Joined, (3, 8, 8)),
    "twice": (Twice, (6,)),
}


def build(name, dtype=torch.float64):
    """Return a network and four inputs."""
    make, shape = NETS[name]
    torch.manual_seed(0)
    module = make()
    with torch.no_grad():  # averages of batch norms that are not the identity
        module.train()(torch.randn(8, *shape))
    generator = torch.Generator().manual_seed(1)
    inputs = torch.rand((4, *shape), generator=generator, dtype=torch.float64)
    return module.eval().to(dtype), inputs.to(dtype)
