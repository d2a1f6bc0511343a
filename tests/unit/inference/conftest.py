"""A tiny classifier and paths for it."""

import numpy as np
import pytest
import torch

from zollstock.images.geometry import Geometry
from zollstock.models.card import Model
from zollstock.models.convmixer import convmixer
from zollstock.models.normalisation import Normalisation
from zollstock.paths import PathInput

CLASSES = ("cat", "dog", "cow")


@pytest.fixture
def make_model():
    def make(module, classes=CLASSES, geometry=None):
        return Model(module, classes, geometry or Geometry(), Normalisation())

    return make


@pytest.fixture
def model(make_model):
    torch.manual_seed(0)
    module = convmixer(8, 1, 3, 4, n_classes=3)
    with torch.no_grad():  # running averages that are not the identity
        module.train()(torch.randn(64, 3, 16, 16))
    return make_model(module.eval())


@pytest.fixture
def paths():
    """Three paths of five frames with the unedited image behind them."""
    rng = np.random.default_rng(1)
    return [
        PathInput(name, rng.integers(0, 256, (6, 16, 16, 3), dtype=np.uint8), np.linspace(0, k, 5))
        for k, name in enumerate("abc", start=1)
    ]
