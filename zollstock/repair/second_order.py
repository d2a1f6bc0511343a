"""Convolutions, batch norms and ReLUs whose second derivative costs what it must, and no more.

Gradients by the input are differentiated by the weights. torch computes that of a convolution as a
convolution with pictures as channels, some ten times as slow as an ordinary weight gradient, which
it is: of g ∗ W by W, with what comes back in place of the input. And it hands on zeros through the
whole network for what has the second derivative 0. Values and gradients here are torch's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from zollstock.locate.rescale import Activations

_CONVOLUTION = torch.ops.aten.convolution_backward


class _How(NamedTuple):
    """How a convolution is done: the arguments behind input, weights and biases."""

    stride: list[int]
    padding: list[int]
    dilation: list[int]
    groups: int


class Lean(Activations):
    """Within it convolutions and batch norms in evaluation mode have lean second derivatives."""

    def __init__(self) -> None:
        super().__init__()
        self.by_input_alone = False

    @contextmanager
    def for_inputs(self) -> Iterator[None]:
        """Compute gradients by the input alone: a function of one's own is not told which."""
        self.by_input_alone = True
        try:
            yield
        finally:
            self.by_input_alone = False

    def __torch_function__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN204
        name = getattr(function, "__name__", "")
        if name == "conv2d" and args and self.sees(args[0]):
            found = self._convolved(*args, **(kwargs or {}))
            if found is not None:
                return found
        if name == "batch_norm" and args and self.sees(args[0]):
            found = _normalised(*args, **(kwargs or {}))
            if found is not None:
                return found
        return super().__torch_function__(function, types, args, kwargs)

    def _convolved(
        self,
        input: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None = None,
        stride: Any = 1,  # noqa: ANN401
        padding: Any = 0,  # noqa: ANN401
        dilation: Any = 1,  # noqa: ANN401
        groups: int = 1,
    ) -> torch.Tensor | None:
        """Return the convolution; None of what is left to torch."""
        strides, dilated = _pair(stride), _pair(dilation)
        if isinstance(padding, str):
            padded = _padding(padding, weight, dilated)
            if padded is None:
                return None
        else:
            padded = _pair(padding)
        if input.ndim != 4:
            return None
        how = _How(strides, padded, dilated, groups)
        found: torch.Tensor = _Convolved.apply(input, weight, bias, how, self)
        return found


class _Convolved(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any,  # noqa: ANN401
        x: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        how: _How,
        mode: Lean,
    ) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        ctx.how, ctx.mode, ctx.biases = how, mode, None if bias is None else [len(bias)]
        return torch.conv2d(x, weight, bias, *how)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:  # type: ignore[override] # noqa: ANN401
        x, weight = ctx.saved_tensors
        alone = ctx.mode.by_input_alone
        needed = ctx.needs_input_grad
        by_input = _ByInput.apply(gradient, weight, x.detach(), ctx.how) if needed[0] else None
        if alone or not any(needed[1:3]):
            return by_input, None, None, None, None
        _, by_weight, by_bias = _CONVOLUTION(
            gradient, x, weight, ctx.biases, *ctx.how[:3], False, [0, 0], ctx.how.groups,
            [False, needed[1], needed[2]],
        )  # fmt: skip
        return by_input, by_weight, by_bias, None, None


class _ByInput(torch.autograd.Function):
    """The gradient of a convolution by its input, as a function of what comes back and weights."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any,  # noqa: ANN401
        gradient: torch.Tensor,
        weight: torch.Tensor,
        x: torch.Tensor,
        how: _How,
    ) -> torch.Tensor:
        ctx.save_for_backward(gradient, weight)
        ctx.how = how
        sides = zip(how.dilation, weight.shape[2:], how.padding, strict=True)
        around = [d * (k - 1) - p for d, k, p in sides]
        if how.stride == [1, 1] and how.groups == 1 and min(around) >= 0:
            # The same as a convolution with turned weights, which is the faster one on a CPU.
            turned = weight.flip(2, 3).transpose(0, 1).contiguous()
            return torch.conv2d(gradient, turned, None, 1, around, how.dilation)
        found: torch.Tensor = _CONVOLUTION(
            gradient, x, weight, None, *how[:3], False, [0, 0], how.groups, [True, False, False]
        )[0]
        return found

    @staticmethod
    def backward(ctx: Any, further: torch.Tensor) -> Any:  # type: ignore[override] # noqa: ANN401
        gradient, weight = ctx.saved_tensors
        how: _How = ctx.how
        by_gradient = torch.conv2d(further, weight, None, *how) if ctx.needs_input_grad[0] else None
        by_weight = None
        if ctx.needs_input_grad[1]:
            by_weight = _CONVOLUTION(
                gradient, further, weight, None, *how[:3], False, [0, 0], how.groups,
                [False, True, False],
            )[1]  # fmt: skip
        return by_gradient, by_weight, None, None


def _normalised(
    input: torch.Tensor,
    running_mean: torch.Tensor | None,
    running_var: torch.Tensor | None,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> torch.Tensor | None:
    """Return batch norm in evaluation mode as the linear function it is; else None."""
    if training or running_mean is None or running_var is None:
        return None
    scale = (running_var + eps).rsqrt()
    scale = scale if weight is None else scale * weight
    shift = -running_mean * scale if bias is None else bias - running_mean * scale
    shape = [1, -1, *[1] * (input.ndim - 2)]
    return input * scale.view(shape) + shift.view(shape)


def relu(x: torch.Tensor) -> torch.Tensor:
    """Return a ReLU whose gradient does not hang on its input, as far as torch is told."""
    found: torch.Tensor = _ReLU.apply(x)
    return found


class _ReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:  # type: ignore[override] # noqa: ANN401
        found = x.clamp_min(0)
        ctx.save_for_backward(found)
        return found

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:  # type: ignore[override] # noqa: ANN401
        (found,) = ctx.saved_tensors
        passed: torch.Tensor = torch.ops.aten.threshold_backward(gradient, found.detach(), 0)
        return passed


def max_pool(x: torch.Tensor, given: Any, named: Any) -> torch.Tensor:  # noqa: ANN401
    """Return max pooling, whose gradient is put back to the places of the largest values."""
    found: torch.Tensor = _MaxPool.apply(x, given, named)
    return found


class _MaxPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, given: Any, named: Any) -> torch.Tensor:  # type: ignore[override] # noqa: ANN401
        found, places = functional.max_pool2d_with_indices(x, *given, **named)
        ctx.save_for_backward(places)
        ctx.shape = x.shape
        ctx.layout = _layout(x)
        return found

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:  # type: ignore[override] # noqa: ANN401
        (places,) = ctx.saved_tensors
        put: torch.Tensor = _PutBack.apply(gradient, places, ctx.shape, ctx.layout)
        return put, None, None


class _PutBack(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any,  # noqa: ANN401
        gradient: torch.Tensor,
        places: torch.Tensor,
        shape: torch.Size,
        layout: torch.memory_format,
    ) -> torch.Tensor:
        ctx.save_for_backward(places)
        ctx.layout = _layout(gradient)
        found = gradient.new_zeros(shape).flatten(-2)
        found.scatter_add_(-1, places.flatten(-2), gradient.flatten(-2))
        # Tensors that lie otherwise in memory make all that follows slow.
        return found.view(shape).contiguous(memory_format=layout)

    @staticmethod
    def backward(ctx: Any, further: torch.Tensor) -> Any:  # type: ignore[override] # noqa: ANN401
        (places,) = ctx.saved_tensors
        found = at_places(further, places).contiguous(memory_format=ctx.layout)
        return found, None, None, None


def at_places(x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Return the values of maps, (…, H, W), at places as max pooling tells them."""
    return x.flatten(-2).gather(-1, places.flatten(-2)).view(places.shape)


def _layout(x: torch.Tensor) -> torch.memory_format:
    last = x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if last and not x.is_contiguous() else torch.contiguous_format


def _pair(value: Any) -> list[int]:  # noqa: ANN401
    return [value, value] if isinstance(value, int) else [int(one) for one in value]


def _padding(name: str, weight: torch.Tensor, dilation: list[int]) -> list[int] | None:
    """Return what ``valid`` and ``same`` stand for; None where the sides are uneven."""
    if name == "valid":
        return [0, 0]
    whole = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:], strict=True)]
    return None if any(one % 2 for one in whole) else [one // 2 for one in whole]
