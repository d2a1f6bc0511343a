"""DeepLIFT's rescale rule for activations, whether they are modules or functions.

Picture and baseline go through the network as one batch, the baseline's half behind. Every call of
an activation is caught, so that one module may be called at several places.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from zollstock.locate.calls import call_of

_ELEMENTWISE = {
    "relu", "relu6", "hardtanh", "gelu", "silu", "sigmoid", "tanh", "leaky_relu", "elu", "celu",
    "selu", "softplus", "hardswish", "hardsigmoid", "mish", "logsigmoid", "softsign", "tanhshrink",
    "clamp", "clamp_min", "clamp_max", "clip", "abs", "exp", "square", "sqrt", "log", "log1p",
    "expm1", "erf", "sin", "cos", "hardshrink", "softshrink",
}  # fmt: skip
_POOLING = {"max_pool2d"}
Function = Callable[[torch.Tensor], torch.Tensor]


class Activations(TorchFunctionMode):
    """Catches every call of an activation or of max pooling; what derives from it says what for."""

    def __torch_function__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN204
        call = call_of(function, args, kwargs, self.sees)
        if call is None or not call.alone:
            return function(*args, **(kwargs or {}))
        if call.name in _POOLING and not call.named.get("return_indices"):
            rest = {key: value for key, value in call.named.items() if key != "return_indices"}
            return self.pooled(call.first, call.rest[:5], rest)
        if call.name not in _ELEMENTWISE:
            return function(*args, **(kwargs or {}))

        def called(x: torch.Tensor) -> torch.Tensor:
            return call.of(x.clone() if call.in_place else x)

        return call.answered(self.elementwise(call.name, call.first, called))

    def sees(self, x: torch.Tensor) -> bool:
        """Return whether a call that is handed this is caught."""
        return x.requires_grad

    def elementwise(self, name: str, x: torch.Tensor, function: Function) -> torch.Tensor:
        """Return what stands for an activation's answer."""
        return function(x)

    def pooled(self, x: torch.Tensor, given: Any, named: Any) -> torch.Tensor:  # noqa: ANN401
        """Return what stands for max pooling's answer."""
        return functional.max_pool2d(x, *given, **named)


class Rescaled(Activations):
    """Within it, gradients past an activation are Δout/Δin between both halves of the batch."""

    def elementwise(self, name: str, x: torch.Tensor, function: Function) -> torch.Tensor:
        """Return the activation, with a gradient of its own."""
        found: torch.Tensor = _Rescale.apply(x, function)
        return found

    def pooled(self, x: torch.Tensor, given: Any, named: Any) -> torch.Tensor:  # noqa: ANN401
        """Return the largest values, with a gradient of their own."""
        found: torch.Tensor = _Pooled.apply(x, given, named)
        return found


class _Rescale(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any,  # noqa: ANN401
        x: torch.Tensor,
        function: Function,
    ) -> torch.Tensor:
        kept = x.detach().clone()  # whatever becomes of x in place
        y = function(x.detach())
        ctx.save_for_backward(kept, y.detach().clone())
        ctx.function = function
        return y

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:  # type: ignore[override] # noqa: ANN401
        x, y = ctx.saved_tensors
        step = _difference(x)
        ratio = _difference(y) / torch.where(step == 0, torch.ones_like(step), step)
        near = nearly_equal(step, x)
        if bool(near.any()):
            with torch.enable_grad():
                leaf = x.detach().clone().requires_grad_()
                slope = torch.autograd.grad(ctx.function(leaf).sum(), leaf)[0]
            ratio = torch.where(near, slope, ratio)
        return gradient * ratio, None


class _Pooled(torch.autograd.Function):
    """Max pooling: what lies above the baseline's largest value belongs to the picture's place.

    With y and y₀ the largest values of picture and baseline, max(y, y₀) − y₀ goes to the place of y
    and y − max(y, y₀) to that of y₀, each divided by Δin there; both sum to Δout.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, given: Any, named: Any) -> torch.Tensor:  # type: ignore[override] # noqa: ANN401
        y, places = functional.max_pool2d_with_indices(x.detach(), *given, **named)
        ctx.save_for_backward(x.detach().clone(), y, places)
        return y.clone()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:  # type: ignore[override] # noqa: ANN401
        x, y, places = ctx.saved_tensors
        (top, below), (mine, theirs) = y.chunk(2), places.chunk(2)
        most = torch.maximum(top, below)
        step = _difference(x).chunk(2)[0]
        flow = gradient.chunk(2)[0]
        found = torch.zeros_like(step).flatten(2)
        for part, where in ((most - below, mine), (top - most, theirs)):
            found.scatter_add_(2, where.flatten(2), (flow * part).flatten(2))
        shaped = found.view_as(step)
        # Where the place of the largest value did not change its value, nothing is shared out.
        shared = shaped / torch.where(step == 0, torch.ones_like(step), step)
        return torch.cat([shared, torch.zeros_like(shared)]), None, None


def nearly_equal(step: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Return where Δout/Δin is rounding: its limit is the derivative, which is to be taken."""
    return step.abs() < torch.finfo(x.dtype).eps ** 0.75 * (1 + x.detach().abs())


def _difference(values: torch.Tensor) -> torch.Tensor:
    """Return picture less baseline, for both halves."""
    picture, start = values.chunk(2)
    apart = picture - start
    return torch.cat([apart, apart])
