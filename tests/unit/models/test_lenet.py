"""LeNet-5 as it is described."""

import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.models.registry import build_model


@pytest.mark.parametrize(("channels", "weights"), [(1, 61_706), (3, 62_006)])
def test_it_has_the_weights_that_it_is_known_for(channels, weights):
    module = build_model("lenet", {"in_channels": channels}, 10)
    assert sum(value.numel() for value in module.parameters()) == weights
    assert module(torch.zeros(2, channels, 32, 32)).shape == (2, 10)


def test_the_names_of_tutorials_load():
    names = {name.partition(".")[0] for name in build_model("lenet", {}, 10).state_dict()}
    assert names == {"conv1", "conv2", "fc1", "fc2", "fc3"}


def test_an_unknown_argument_is_named():
    with pytest.raises(ZollstockError, match="do not fit the builder 'lenet'"):
        build_model("lenet", {"width": 3}, 10)
