"""ConvMixer: patches mixed in space and across channels (Trockman & Kolter 2022)."""

import torch
from torch import nn


class Residual(nn.Module):
    """Add a module's output to its input; the module is the attribute `fn`."""

    def __init__(self, fn: nn.Module) -> None:
        super().__init__()
        self.fn = fn

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``fn(x) + x``."""
        return self.fn(x) + x


def convmixer(
    dim: int = 256,
    depth: int = 8,
    kernel_size: int = 7,
    patch_size: int = 5,
    n_classes: int = 2,
    in_channels: int = 3,
) -> nn.Sequential:
    """Build an untrained ConvMixer.

    Parameters
    ----------
    dim
        Channels throughout.
    depth
        Mixing blocks.
    kernel_size
        Side of the depthwise kernels, in patches.
    patch_size
        Side of a patch and stride of the first convolution, in pixels.
    n_classes
        Outputs; logits, not probabilities.
    in_channels
        Channels of the input.

    Returns
    -------
    torch.nn.Sequential
        Takes (N, in_channels, H, W) and returns (N, n_classes). The layers' order and names
        are those of the published cat and dog checkpoints, so that these load strictly.
    """
    blocks = [
        nn.Sequential(
            Residual(
                nn.Sequential(
                    nn.Conv2d(dim, dim, kernel_size, groups=dim, padding="same"),
                    nn.GELU(),
                    nn.BatchNorm2d(dim),
                )
            ),
            nn.Conv2d(dim, dim, kernel_size=1),
            nn.GELU(),
            nn.BatchNorm2d(dim),
        )
        for _ in range(depth)
    ]
    return nn.Sequential(
        nn.Conv2d(in_channels, dim, kernel_size=patch_size, stride=patch_size),
        nn.GELU(),
        nn.BatchNorm2d(dim),
        *blocks,
        nn.AdaptiveAvgPool2d((1, 1)),
        nn.Flatten(),
        nn.Linear(dim, n_classes),
    )
