"""Activations as explanations that are trained need them.

The gradient of a network of ReLUs is constant but for jumps, so that of a loss on attributions no
bias learns, and weights learn only where they multiply. `Softened` is offered for that: the same
network, its weights shared, with Softplus in place of ReLU.
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from zollstock.locate.rescale import Activations, Function
from zollstock.repair.second_order import Lean, max_pool, relu

_MAY_BE = {"relu", "clamp", "clamp_min", "clip", "hardtanh"}


class Flat(Lean):
    """Within it, ReLU and max pooling have the second derivative 0, and nothing is run for it."""

    def elementwise(self, name: str, x: torch.Tensor, function: Function) -> torch.Tensor:
        """Return a ReLU as a choice, other activations as they are."""
        if is_relu(name, function):
            return relu(x)
        return function(x)

    def pooled(self, x: torch.Tensor, given: Any, named: Any) -> torch.Tensor:  # noqa: ANN401
        """Return the largest values, with a lean gradient."""
        return max_pool(x, given, named)


class Smoothed(Activations):
    """Within it, each ReLU is a Softplus: log(1 + exp(β x))/β.

    Parameters
    ----------
    beta
        The larger, the nearer to ReLU, from which it is off by log(2)/β at most.
    """

    def __init__(self, beta: float) -> None:
        super().__init__()
        self._beta = beta

    def sees(self, x: torch.Tensor) -> bool:
        """Return True: with gradients or without, the function is the same."""
        return x.is_floating_point()

    def elementwise(self, name: str, x: torch.Tensor, function: Function) -> torch.Tensor:
        """Return Softplus in place of ReLU."""
        if is_relu(name, function):
            return functional.softplus(x, self._beta)
        return function(x)


class Softened(nn.Module):
    """A module with Softplus in place of ReLU; its parameters are the module's own.

    Parameters
    ----------
    module
        The original.
    beta
        See `Smoothed`.
    """

    def __init__(self, module: nn.Module, beta: float) -> None:
        super().__init__()
        self.module, self.beta = module, beta

    def forward(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Return what the module returns."""
        with Smoothed(self.beta):
            return self.module(*args, **kwargs)


def is_relu(name: str, function: Function) -> bool:
    """Return whether an activation of this name is a ReLU: clamping at 0 is one, too."""
    if name not in _MAY_BE:
        return False
    return name == "relu" or function(torch.tensor([-2.0, 0.5, 1e9])).tolist() == [0.0, 0.5, 1e9]
