"""A tiny network and what explainers are given, in float64."""

import torch
from torch import nn
from torch.nn import functional

from zollstock.repair.explained import Draws, Given


class Net(nn.Module):
    """Convolutions, ReLU as a module that is used twice, pooling, batch norm, and a head."""

    def __init__(self, channels=2, classes=3, seed=0, norm=True):
        super().__init__()
        torch.manual_seed(seed)
        self.conv1 = nn.Conv2d(channels, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3) if norm else nn.Identity()
        self.act = nn.ReLU()
        self.conv2 = nn.Conv2d(3, 4, 2)
        self.head = nn.Linear(4, classes)

    def pool(self, x):
        return functional.max_pool2d(x, 2)

    def forward(self, x):
        x = self.pool(self.act(self.norm(self.conv1(x))))
        return self.head(self.act(self.conv2(x)).mean((2, 3)))


class Modules(Net):
    """As captum needs it: each activation a module of its own, no pooling."""

    def __init__(self, **given):
        super().__init__(**given)
        self.other = nn.ReLU()

    def forward(self, x):
        x = self.act(self.norm(self.conv1(x)))
        return self.head(self.other(self.conv2(x)).mean((2, 3)))


class Curved(Net):
    """Activations that are no ReLU."""

    def forward(self, x):
        x = functional.gelu(self.norm(self.conv1(x)))
        return self.head(torch.tanh(self.conv2(x)).mean((2, 3)))


def build(kind=Net, **given):
    """Return a network that has seen something, as it is in training, and its inputs."""
    module = kind(**given)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        module.train()(torch.randn((8, module.conv1.in_channels, 6, 6), generator=generator))
    inputs = torch.randn(
        (3, module.conv1.in_channels, 6, 6), generator=generator, dtype=torch.float64
    )
    return module.double(), inputs, torch.tensor([0, 2, 1])


def given(inputs, seed=0):
    """Return baselines, segments and chance for inputs."""
    generator = torch.Generator().manual_seed(2)
    rows = torch.arange(6) // 3
    return Given(
        baseline=0.25,
        baselines=torch.randn((4, *inputs.shape[1:]), generator=generator, dtype=torch.float64),
        segments=rows[:, None] * 2 + rows[None, :],
        draws=Draws(seed, range(len(inputs))),
    )


# Of some explainers with settings that need few passes.
SETTINGS = {
    "integrated_gradients": {"points": 3},
    "expected_gradients": {"samples": 2, "noise": 0.1},
    "deeplift_shap": {"samples": 2},
    "noise_tunnel": {"samples": 2, "noise": 0.3, "kind": "vargrad"},
    "occlusion": {"window": 3, "stride": 2},
    "lime": {"samples": {"name": "random", "kept": 0.5, "number": 12}},
    "kernel_shap": {"samples": {"name": "exhaustive"}},
}


def settings(name, **more):
    return {"name": name, **SETTINGS.get(name, {}), **more}
