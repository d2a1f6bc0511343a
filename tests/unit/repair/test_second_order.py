"""Lean convolutions, norms and pooling: the numbers of torch, to second order."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from zollstock.repair.activations import Flat


class Around(nn.Module):
    """A layer between two that are linear, so that it has a gradient by what it receives."""

    def __init__(self, layer, channels):
        super().__init__()
        self.first = nn.Conv2d(3, channels, 1)
        self.layer = layer

    def forward(self, x):
        return self.layer(self.first(x)).flatten(1)


class Called(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


LAYERS = {
    "plain": nn.Conv2d(4, 6, 3),
    "stride": nn.Conv2d(4, 6, 3, stride=2, padding=1),
    "dilated": nn.Conv2d(4, 6, 3, dilation=2, padding=2),
    "uneven": nn.Conv2d(4, 6, (2, 3), stride=(2, 1), padding=(0, 2), bias=False),
    "wide padding": nn.Conv2d(4, 6, 1, padding=1),
    "groups": nn.Conv2d(4, 6, 3, groups=2),
    "depthwise, same": nn.Conv2d(4, 4, 5, groups=4, padding="same"),
    "same, even": nn.Conv2d(4, 4, 2, padding="same"),
    "valid": nn.Conv2d(4, 4, 2, padding="valid"),
    "norm": nn.BatchNorm2d(4),
    "norm, plain": nn.BatchNorm2d(4, affine=False),
    "pooled": nn.MaxPool2d(3, stride=2, padding=1),
    "pooled, relu": nn.Sequential(nn.ReLU(), nn.MaxPool2d(2)),
    "in place": nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU(inplace=True)),
    "clamped": Called(lambda x: x.clamp(min=0) * 2),
    "hardtanh": Called(lambda x: functional.hardtanh(x, 0, 0.2)),
    "gelu": nn.GELU(),
}


def everything(module, x, ways, lean):
    """Return answers, the gradient by the input, and that of its square by all weights."""
    leaf = x.clone().requires_grad_()
    mode = Flat()
    if lean:
        with mode:
            found = module(leaf)
        with mode.for_inputs():
            slope = torch.autograd.grad((found * ways).sum(), leaf, create_graph=True)[0]
    else:
        found = module(leaf)
        slope = torch.autograd.grad((found * ways).sum(), leaf, create_graph=True)[0]
    loss = (slope**2).sum() + found.sin().sum()
    by_weights = torch.autograd.grad(loss, list(module.parameters()), allow_unused=True)
    return [found, slope, *(w for w in by_weights if w is not None)]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("name", LAYERS)
def test_as_torch_has_them(name, layout):
    torch.manual_seed(0)
    module = Around(LAYERS[name], 4).double()
    with torch.no_grad():
        module.train()(torch.randn(4, 3, 7, 6, dtype=torch.float64))
    module.eval().to(memory_format=layout)
    x = torch.randn(2, 3, 7, 6, dtype=torch.float64).contiguous(memory_format=layout)
    ways = torch.randn_like(module(x).detach())
    plain, lean = (everything(module, x, ways, lean) for lean in (False, True))
    assert len(plain) == len(lean)
    for one, other in zip(plain, lean, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-11)


def test_gradients_by_weights_are_there_outside_of_the_inner_pass():
    module = Around(nn.Conv2d(4, 2, 3), 4)
    with Flat() as mode:
        loss = module(torch.randn(1, 3, 5, 5).requires_grad_()).sum()
    with mode.for_inputs():
        loss.backward(retain_graph=True)
    assert module.layer.weight.grad is None
    loss.backward()
    assert module.layer.weight.grad.any()
