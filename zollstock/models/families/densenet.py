"""DenseNet (Huang et al. 2017): every layer of a block reads what all layers before it made."""

from collections.abc import Sequence

import torch
from torch import nn


class DenseLayer(nn.Module):
    """Norm, ReLU and a convolution whose output is put beside its input."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.convolution = nn.Conv2d(channels, growth, 3, padding=1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the input and what is made of it, (N, channels + growth, H, W)."""
        return torch.cat([x, self.convolution(self.relu(self.norm(x)))], dim=1)


def build(
    n_classes: int,
    layers: Sequence[int] = (4, 4, 4),
    growth: int = 12,
    channels: int = 16,
    stem_stride: int = 1,
) -> nn.Sequential:
    """Build an untrained DenseNet without bottlenecks, for small pictures.

    Parameters
    ----------
    n_classes
        Outputs, logits.
    layers
        Of each block; between two blocks channels and sides are halved.
    growth
        Channels that a layer adds.
    channels
        Of the first convolution.
    stem_stride
        Stride of the first convolution.
    """
    parts: list[nn.Module] = [nn.Conv2d(3, channels, 3, stem_stride, padding=1, bias=False)]
    for number, count in enumerate(layers):
        if number:
            parts += [nn.BatchNorm2d(channels), nn.ReLU()]
            parts += [nn.Conv2d(channels, channels // 2, 1, bias=False), nn.AvgPool2d(2)]
            channels //= 2
        for _ in range(count):
            parts.append(DenseLayer(channels, growth))
            channels += growth
    parts += [nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*parts, nn.Linear(channels, n_classes))
