"""LeNet-5 (LeCun et al. 1998), with rectified units and maximum pooling as it is used today."""

import torch
from torch import nn
from torch.nn import functional


class LeNet(nn.Module):
    """Two convolutions and three linear layers.

    Maps (N, in_channels, 32, 32) to logits (N, n_classes). The names of its parts are those of the
    usual tutorials, so that their checkpoints load.
    """

    def __init__(self, n_classes: int, in_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = functional.relu(self.fc1(x.flatten(1)))
        return self.fc3(functional.relu(self.fc2(x)))


def lenet(n_classes: int = 10, in_channels: int = 1) -> LeNet:
    """Build an untrained LeNet.

    Parameters
    ----------
    n_classes
        Outputs; logits, not probabilities.
    in_channels
        Channels of the input: 1 for grey pictures, or 3.
    """
    return LeNet(n_classes, in_channels)
