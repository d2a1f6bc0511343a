"""Tiny models whose gradients can be told by hand or by finite differences."""

import numpy as np
import pytest
import torch
from torch import nn

from zollstock.images.geometry import Geometry
from zollstock.locate.differentiable import Differentiable
from zollstock.models.card import Model
from zollstock.models.convmixer import convmixer
from zollstock.models.normalisation import Normalisation

CLASSES = ("cat", "dog", "cow")


@pytest.fixture
def as_model():
    """A module as a model of the library."""

    def make(module, classes=CLASSES, channels=3, **facts):
        norm = Normalisation((0.4, 0.5, 0.6), (0.2, 0.3, 0.25), channels)
        return Model(module.eval(), tuple(classes), Geometry(), norm, **facts)

    return make


@pytest.fixture
def differentiable(as_model):
    """A module as a torch function of pixels, in float64 unless told otherwise."""

    def make(module, output="logit:cat", chosen=0, dtype=torch.float64, **given):
        return Differentiable(as_model(module, **given), dtype=dtype).follow(output, chosen)

    return make


@pytest.fixture
def mixer():
    """A small ConvMixer whose outputs differ between frames."""
    torch.manual_seed(0)
    module = convmixer(8, 2, 3, 4, n_classes=3)
    with torch.no_grad():  # running averages that are not the identity
        module.train()(torch.randn(64, 3, 16, 12))
        module[-1].weight.mul_(8)
    return module.eval()


@pytest.fixture
def linear():
    """Logits that are linear in the pixels, of frames of 4×6."""
    torch.manual_seed(1)
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 24, 3))


@pytest.fixture
def frames():
    """Frames that change smoothly along a path, (5, 16, 12, 3)."""
    rng = np.random.default_rng(2)
    ends = rng.integers(0, 256, (2, 16, 12, 3)).astype(float)
    share = np.linspace(0, 1, 5)[:, None, None, None]
    return np.rint((1 - share) * ends[0] + share * ends[1]).astype(np.uint8)
