"""The rescale rule of DeepLIFT as something that is differentiable in the weights.

A backward pass with other slopes than the true ones has no second order: what is differentiated
once more would have them, too. So there are two passes. The first, of pictures and baselines, is an
ordinary one, in which Δout/Δin of each activation is recorded. The second, of pictures alone, is
linear: each activation is a product with what was recorded for it. Its gradient by the picture is
the multiplier of DeepLIFT, and both passes are differentiable.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional

from zollstock.errors import ZollstockError
from zollstock.locate.rescale import Activations, Function, nearly_equal
from zollstock.repair.activations import is_relu
from zollstock.repair.second_order import Lean, at_places


@dataclass(frozen=True)
class Windows:
    """Max pooling: a share of the picture's largest place and of the baseline's, as a sum."""

    mine: torch.Tensor
    theirs: torch.Tensor
    shares: tuple[torch.Tensor, torch.Tensor]

    def of(self, x: torch.Tensor) -> torch.Tensor:
        """Return the linear function that stands for pooling."""
        first, second = self.shares
        return first * at_places(x, self.mine) + second * at_places(x, self.theirs)


Slope: TypeAlias = torch.Tensor | Windows


def _secant(function: Function, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return Δout/Δin between both halves; of nearly equal inputs the derivative between them."""
    (picture, start), (top, below) = x.chunk(2), y.chunk(2)
    step = picture - start
    near = nearly_equal(step.detach(), picture)
    slope = (top - below) / torch.where(near, torch.ones_like(step), step)
    if not bool(near.any()):
        return slope
    further = torch.is_grad_enabled()
    with torch.enable_grad():
        middle = (picture + start) / 2
        middle = middle if middle.requires_grad else middle.requires_grad_()
        found = torch.autograd.grad(function(middle).sum(), middle, create_graph=further)[0]
    return torch.where(near, found, slope)


class _ReluSecant(torch.autograd.Function):
    """The same of a ReLU, s = (x⁺ − b⁺)/(x − b), in as few passes over memory as can be.

    ∂s/∂x = (1[x > 0] − s)/(x − b), and the opposite with b in place of x; 0 where both are alike.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:  # type: ignore[override] # noqa: ANN401
        picture, start = x.chunk(2)
        step = picture - start
        near = nearly_equal(step, picture)
        step.masked_fill_(near, 1)
        slope = (picture.clamp_min(0) - start.clamp_min(0)).div_(step)
        slope = torch.where(near, (picture > 0).to(x.dtype), slope)
        ctx.save_for_backward(x, step, near, slope)
        return slope

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:  # type: ignore[override] # noqa: ANN401
        x, step, near, slope = ctx.saved_tensors
        picture, start = x.chunk(2)
        share = (gradient / step).masked_fill_(near, 0)
        flow = share * slope
        return torch.cat([(share * (picture > 0)).sub_(flow), flow.sub_(share * (start > 0))])


@dataclass
class Recording(Activations):
    """Within it, Δout/Δin of each activation is recorded, between both halves of the batch.

    Attributes
    ----------
    rows
        Of both halves together.
    slopes
        What was recorded, in the order of the calls.
    """

    rows: int
    slopes: list[Slope] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def sees(self, x: torch.Tensor) -> bool:
        """Return whether it is a batch."""
        return x.is_floating_point() and x.ndim > 0 and x.shape[0] % self.rows == 0

    def elementwise(self, name: str, x: torch.Tensor, function: Function) -> torch.Tensor:
        """Record the secant's slope; of nearly equal inputs the derivative between them."""
        y = function(x)
        self.slopes.append(
            _ReluSecant.apply(x) if is_relu(name, function) else _secant(function, x, y)
        )
        return y

    def pooled(self, x: torch.Tensor, given: Any, named: Any) -> torch.Tensor:  # noqa: ANN401
        """Record the shares of both places; see `zollstock.locate.rescale`."""
        y, places = functional.max_pool2d_with_indices(x, *given, **named)
        (picture, start), (top, below), (mine, theirs) = x.chunk(2), y.chunk(2), places.chunk(2)
        step, most = picture - start, torch.maximum(top, below)

        def share(part: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
            there = at_places(step, where)
            return part / torch.where(there == 0, torch.ones_like(there), there)

        self.slopes.append(
            Windows(mine, theirs, (share(most - below, mine), share(top - most, theirs)))
        )
        return y


class Replayed(Lean):
    """Within it, each activation is a product with what was recorded for it.

    Parameters
    ----------
    rows
        Of the batch.
    slopes
        See `Recording`.
    """

    def __init__(self, rows: int, slopes: Iterator[Slope]) -> None:
        super().__init__()
        self.rows, self.slopes = rows, slopes

    def sees(self, x: torch.Tensor) -> bool:
        """Return whether it is a batch."""
        return x.is_floating_point() and x.ndim > 0 and x.shape[0] % self.rows == 0

    def elementwise(self, name: str, x: torch.Tensor, function: Function) -> torch.Tensor:
        """Return the product."""
        slope = self._next(torch.Tensor, x)
        found: torch.Tensor = x * slope
        return found

    def pooled(self, x: torch.Tensor, given: Any, named: Any) -> torch.Tensor:  # noqa: ANN401
        """Return the sum of both places' products."""
        windows: Windows = self._next(Windows, x)
        return windows.of(x)

    def _next(self, kind: type, x: torch.Tensor) -> Any:  # noqa: ANN401
        found = next(self.slopes, None)
        if not isinstance(found, kind) or (
            isinstance(found, torch.Tensor) and found.shape != x.shape
        ):
            raise ZollstockError(
                "repair: deeplift",
                "a module calls other activations of a batch than of twice the batch",
                "one whose path does not hang on the batch, or on weights with activations",
                "Use expected_gradients for it.",
            )
        return found
