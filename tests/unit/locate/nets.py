"""Small networks with the same weights, whose activations are called in different ways."""

import torch
from torch import nn
from torch.nn import functional


class Net(nn.Module):
    """Two convolutions and a head; `act1` and `act2` are called after them."""

    def __init__(self, seed=0, channels=3):
        super().__init__()
        torch.manual_seed(seed)
        self.conv1 = nn.Conv2d(channels, 5, 3, padding=1)
        self.conv2 = nn.Conv2d(5, 6, 3, stride=2)
        self.pool = nn.AdaptiveAvgPool2d(2)
        self.head = nn.Linear(24, 3)
        self.act1, self.act2 = nn.ReLU(), nn.ReLU()

    def first(self, x):
        return self.act1(x)

    def second(self, x):
        return self.act2(x)

    def forward(self, x):
        x = self.first(self.conv1(x))
        x = self.second(self.conv2(x))
        return self.head(self.pool(x).flatten(1))


class Reused(Net):
    """One ReLU at both places."""

    def second(self, x):
        return self.act1(x)


class Functional(Net):
    def first(self, x):
        return functional.relu(x)

    def second(self, x):
        return torch.relu(x)


class InPlace(Net):
    def first(self, x):
        x.relu_()
        return x

    def second(self, x):
        return functional.relu(x, inplace=True)


class Clamped(Net):
    def first(self, x):
        return x.clamp(min=0)

    def second(self, x):
        return torch.clamp_min(x, 0)


ALIKE = (Net, Reused, Functional, InPlace, Clamped)


class Pooled(Net):
    """With max pooling, whose windows overlap."""

    def second(self, x):
        return functional.max_pool2d(self.act2(x), 3, stride=2, padding=1)


class Smooth(Net):
    """Activations that are no ReLU."""

    def first(self, x):
        return functional.gelu(x)

    def second(self, x):
        return torch.tanh(x)


class Gated(Net):
    def second(self, x):
        return x * torch.sigmoid(x.mean((2, 3), keepdim=True))
