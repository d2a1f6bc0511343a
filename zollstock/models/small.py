"""A small network for pictures of 8 by 8 grey pixels, such as scikit-learn's digits."""

from torch import nn


def small(n_classes: int = 10) -> nn.Sequential:
    """Build two untrained convolutions and two linear layers: (N, 1, 8, 8) to (N, n_classes)."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, n_classes),
    )  # fmt: skip
