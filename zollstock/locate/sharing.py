"""How relevance over value goes back past a layer; see `zollstock.locate.relevance`.

Each is a function of torch's record that computes what it computes, and whose way back is a rule.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

Act = Callable[[torch.Tensor, torch.Tensor, torch.Tensor | None], torch.Tensor]

PLUS = math.inf
"""γ without limit: only what raises the output counts."""


@dataclass(frozen=True)
class Weighted:
    """A convolution or linear layer.

    Attributes
    ----------
    act
        From what it receives, weights and bias to what it returns.
    weight, bias
        Its own; the first axis of weights are its outputs.
    more
        γ of its rule, 0 for none.
    """

    act: Act
    weight: torch.Tensor
    bias: torch.Tensor | None
    more: float

    def scaled(self, scale: torch.Tensor, shift: torch.Tensor) -> "Weighted":
        """Return the layer with a batch norm in it: y ↦ scale·y + shift."""
        wide = scale.reshape(-1, *[1] * (self.weight.ndim - 1))
        bias = shift if self.bias is None else shift + scale * self.bias
        return replace(self, weight=self.weight * wide, bias=bias)


class _Stabilised(torch.autograd.Function):
    """R/z → R/(z + ε·sign z), sign 0 = 1: the ε rule (Bach et al. 2015)."""

    @staticmethod
    def forward(ctx: Any, y: torch.Tensor, epsilon: float) -> torch.Tensor:  # type: ignore[override] # noqa: ANN401
        ctx.save_for_backward(y.detach().clone())
        ctx.epsilon = epsilon
        return y.clone()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:  # type: ignore[override] # noqa: ANN401
        (y,) = ctx.saved_tensors
        if not ctx.epsilon:
            return gradient, None
        return gradient * y / torch.where(y < 0, y - ctx.epsilon, y + ctx.epsilon), None


class _Passed(torch.autograd.Function):
    """R of an activation's answer is R of what it received; f(0) must be 0."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any,  # noqa: ANN401
        x: torch.Tensor,
        function: Callable[[torch.Tensor], torch.Tensor],
    ) -> torch.Tensor:
        y = function(x.detach().clone())
        ctx.save_for_backward(x.detach().clone(), y.clone())
        return y

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:  # type: ignore[override] # noqa: ANN401
        x, y = ctx.saved_tensors
        # Where x is 0 both have no relevance, whatever it is divided by.
        return gradient * torch.where(x == 0, torch.zeros_like(x), y / x), None


class _Summed(torch.autograd.Function):
    """R of a sum a + b goes to both in proportion to what of each is above 0."""

    @staticmethod
    def forward(ctx: Any, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:  # type: ignore[override] # noqa: ANN401
        ctx.save_for_backward(a.detach().clone(), b.detach().clone())
        return a.detach() + b.detach()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:  # type: ignore[override] # noqa: ANN401
        a, b = ctx.saved_tensors
        flow = divided(gradient * (a + b), a.clamp(min=0) + b.clamp(min=0))
        return flow * (a > 0), flow * (b > 0)


class _Shared(torch.autograd.Function):
    """The γ rule for values of either sign, and its limit, the z⁺ rule.

    With w⁺ and w⁻ the positive and negative parts, an output z > 0 is owed to a·(w + γw⁺) of
    inputs a ≥ 0 and a·(w + γw⁻) of others, an output below 0 the other way round: what speaks for
    the output's sign counts 1 + γ. R goes to the inputs in proportion to it (Montavon et al. 2019,
    with γ = ∞ the z⁺ or α1β0 rule, of which the bias is no part, so that nothing is lost but
    where an output is owed to its bias alone).
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, y: torch.Tensor, layer: Weighted) -> torch.Tensor:  # type: ignore[override] # noqa: ANN401
        ctx.save_for_backward(x.detach().clone(), y.clone())
        ctx.layer = layer
        return y.clone()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:  # type: ignore[override] # noqa: ANN401
        x, y = ctx.saved_tensors
        layer: Weighted = ctx.layer
        w = layer.weight.detach()
        up, down = w.clamp(min=0), w.clamp(max=0)
        relevance = gradient * y
        if layer.more == PLUS:
            found = _back(layer.act, x, relevance, up, down, None)
        else:
            more = (w + layer.more * up, w + layer.more * down)
            found = _back(layer.act, x, relevance * (y > 0), *more, _raised(layer, 0, None))
            found = found + _back(
                layer.act, x, relevance * (y < 0), *more[::-1], _raised(layer, None, 0)
            )
        return found, None, None


def _raised(layer: Weighted, least: float | None, most: float | None) -> torch.Tensor | None:
    """Return a layer's bias, of which what lies between two numbers counts 1 + γ."""
    if layer.bias is None:
        return None
    bias = layer.bias.detach()
    return bias + layer.more * bias.clamp(least, most)


def _back(
    act: Act,
    x: torch.Tensor,
    relevance: torch.Tensor,
    above: torch.Tensor,
    below: torch.Tensor,
    bias: torch.Tensor | None,
) -> torch.Tensor:
    """Return R/x where inputs at or above 0 act by some weights and others by others."""
    with torch.enable_grad():
        leaf = x.detach().clone().requires_grad_()
        total = act(leaf.clamp(min=0), above, bias) + act(leaf.clamp(max=0), below, None)
        share = divided(relevance, total.detach())
        # Clamped at 0 exactly, both sides would have a slope: a value of 0 has no relevance.
        found: torch.Tensor = torch.autograd.grad(total, leaf, share)[0]
    return found * (x != 0)


def stabilised(y: torch.Tensor, epsilon: float) -> torch.Tensor:
    """Return a layer's answer; its relevance is divided by z + ε·sign z."""
    found: torch.Tensor = _Stabilised.apply(y, epsilon)
    return found


def passed(x: torch.Tensor, function: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """Return an activation's answer; its relevance is that of what it received."""
    found: torch.Tensor = _Passed.apply(x, function)
    return found


def summed(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return a + b; its relevance is shared out by what is above 0."""
    found: torch.Tensor = _Summed.apply(a, b)
    return found


def shared(x: torch.Tensor, y: torch.Tensor, layer: Weighted) -> torch.Tensor:
    """Return y, a layer's answer to x; its relevance is shared out by the γ or z⁺ rule."""
    found: torch.Tensor = _Shared.apply(x, y, layer)
    return found


def divided(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Return a quotient, and 0 where it is divided by 0: nothing was owed to anything."""
    return torch.where(other == 0, torch.zeros_like(one), one / torch.where(other == 0, 1, other))
