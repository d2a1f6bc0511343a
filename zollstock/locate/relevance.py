"""Relevance that goes back through a network, layer by layer, by rules of how it is shared out.

Relevance R of a value a is carried as R/a, in the place of a gradient. Then what is linear and has
no bias passes it as a gradient does: a sum (a residual connection) shares out in proportion to what
each side brings, a mean to its parts, max pooling gives all to the largest. Only these need a rule:

- **convolutions and linear layers**: see `Rules`. What a bias brings is not passed on.
- **batch norms** directly behind one of them are part of it: its weights are scaled. Others are
  layers of their own, with one input a unit and a bias.
- **activations** pass on what they get.
- **layer norms** divide by a deviation that is taken as a fixed number, and **attention** weighs by
  fixed numbers (Ali et al. 2022, arXiv 2202.07304).

Rules are set where functions are called, so that functional activations and modules that are used
twice are seen.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.graph import get_gradient_edge
from torch.overrides import TorchFunctionMode

from zollstock.errors import ZollstockError
from zollstock.locate.calls import Call, call_of
from zollstock.locate.differentiable import GradientModel
from zollstock.locate.record import check_linear, name_of, nodes_of
from zollstock.locate.sharing import Weighted, passed, shared, stabilised, summed

_CONVOLUTIONS = ("conv1d", "conv2d", "conv3d", "convolution")
_WEIGHTED = (*_CONVOLUTIONS, "linear")
_ACTIVATIONS = {
    "relu", "relu6", "hardtanh", "gelu", "silu", "tanh", "leaky_relu", "elu", "celu", "selu",
    "hardswish", "mish", "softsign", "clamp", "clamp_min", "clamp_max", "clip", "threshold",
}  # fmt: skip
_KNOWN = (
    "_Passed", "_Shared", "_Stabilised", "_Summed", "MaxPool1D", "MaxPool2D", "MaxPool3D",
    "MaxPool2DWithIndices", "MaxPool3DWithIndices", "AdaptiveMaxPool2D", "Max", "Amax",
)  # fmt: skip
_TRAINING = 5  # place of the flag among a batch norm's arguments


@dataclass(frozen=True)
class Rules:
    """How layers with weights share out relevance.

    Attributes
    ----------
    method
        Whose rules they are, for messages.
    convolution, linear
        Of convolutions and of linear layers: 0 shares out in proportion to a·w (z and ε rule);
        γ above 0 counts what raises the output by 1 + γ (γ rule); `zollstock.locate.sharing.PLUS`
        counts nothing else and no bias (z⁺ rule).
    epsilon
        Is added to what is divided by, with its sign.
    positive
        Whether all that is shared out is a share of one whole: no layer but the first may read
        values below 0, and of a sum only what is above 0 gets a share.
    instead
        Another method, that can do without.
    """

    method: str
    convolution: float
    linear: float
    epsilon: float = 0.0
    positive: bool = False
    instead: str = "integrated_gradients"


@dataclass(frozen=True)
class RelevanceModel(GradientModel):
    """The followed output, whose gradient by the pixels is their relevance over their value.

    The relevance that begins at each logit is that logit times the output's slope by it: of a
    logit or a margin the output itself. With `Rules.positive` it is the slope alone: one unit of
    relevance at the class whose logit is followed.
    """

    rules: Rules = Rules("lrp", 0.0, 0.0)

    @classmethod
    def of(cls, model: GradientModel, rules: Rules) -> "RelevanceModel":
        """Return a model's relevance by some rules."""
        return cls(model.network, model.output, model.chosen, rules)

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the followed output, float64, (N, H, W, channels) → (N,)."""
        self.network.prepare(pixels)  # outside of the rules
        with Ruled(self.rules, pixels):
            logits = self.network.logits(pixels)
        if logits.requires_grad and pixels.requires_grad:
            rules = self.rules
            check_linear(
                logits, pixels, f"locate: {rules.method}", rules.instead, _KNOWN,
                "convolutions, linear layers, batch norms, pooling and ReLUs" if rules.positive
                else "linear layers, norms, activations that keep 0 at 0, pooling and attention",
            )  # fmt: skip
        if not self.rules.positive:
            return self.of_logits(logits)
        ends = logits.detach().requires_grad_()
        slope = torch.autograd.grad(self.of_logits(ends).sum(), ends)[0]
        tiny = torch.finfo(ends.dtype).tiny
        return (slope * logits / torch.where(ends == 0, tiny, ends).detach()).sum(1)

    def relevance(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the relevance of pixels, (N, H, W, channels).

        It is that of the values that the model receives, grey levels less the mean of the model's
        normalisation: a pixel of that mean has none.
        """
        norm = self.network.model.normalisation
        mean = (torch.tensor(norm.mean[: pixels.shape[-1]]) * 255).to(pixels)
        return self.gradients(pixels)[1] * (pixels - mean)


@dataclass(frozen=True)
class _Last:
    """A layer's result, which a batch norm may follow at once, and how it came about."""

    returned: torch.Tensor
    plain: torch.Tensor  # without its rule
    received: torch.Tensor
    layer: Weighted


class Ruled(TorchFunctionMode):
    """Within it, what goes back through a network is relevance over value.

    Parameters
    ----------
    rules
        Of layers with weights.
    leaf
        What the network's pass begins with.
    """

    def __init__(self, rules: Rules, leaf: torch.Tensor) -> None:
        super().__init__()
        self._rules, self._leaf = rules, leaf
        self._last: _Last | None = None

    def __torch_function__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN204
        call = call_of(function, args, kwargs)
        found = None if call is None else self._ruled(call)
        return function(*args, **(kwargs or {})) if found is None else found

    def _ruled(self, call: Call) -> torch.Tensor | None:
        """Return what a call answers, with a rule for the way back; None without a rule."""
        if call.name in _WEIGHTED:
            return self._weighted(call)
        if call.name == "batch_norm":
            return self._batch_norm(call)
        if call.name in _ACTIVATIONS and call.alone:
            return self._activation(call)
        if call.name == "layer_norm" and not self._rules.positive:
            return _layer_norm(call)
        if call.name in ("softmax", "scaled_dot_product_attention") and not self._rules.positive:
            return _attention(call)
        if call.name in ("add", "iadd", "radd") and self._rules.positive:
            return _sum(call)
        return None

    def _weighted(self, call: Call) -> torch.Tensor | None:
        weight, bias, rest, named = _parameters(call)
        if not isinstance(weight, torch.Tensor) or _hangs(weight, self._leaf):
            return None  # a product of two things that both hang on the input
        if self._rules.positive and _reads_below_0(call.first):
            raise ZollstockError(
                f"locate: {self._rules.method}",
                f"a model has a {call.name} that reads values below 0 of other layers",
                "one whose activations are ReLUs, each before the next layer with weights",
                f"Use {self._rules.instead} for it.",
            )
        function = call.function
        layer = Weighted(
            lambda x, w, b: function(x, w, b, *rest, **named),
            weight,
            bias,
            self._rules.convolution if call.name in _CONVOLUTIONS else self._rules.linear,
        )
        return self._kept(call.first, layer, call, call.first)

    def _kept(
        self, x: torch.Tensor, layer: Weighted, call: Call, first: torch.Tensor
    ) -> torch.Tensor:
        if layer.more:
            y = call.of(first.detach())
            found = shared(x, y, layer)
        else:
            y = call.of(first)
            found = stabilised(y, self._rules.epsilon)
        self._last = _Last(found, y, x, layer)
        return found

    def _batch_norm(self, call: Call) -> torch.Tensor | None:
        if call.named.get("training") or (call.rest[_TRAINING - 1 :] and call.rest[_TRAINING - 1]):
            return None
        last = self._last
        if last is not None and last.returned is call.first:
            shape = (1, call.first.shape[1], *[1] * (call.first.ndim - 2))
            with torch.no_grad():  # whatever the order of its parameters is
                shift = call.of(torch.zeros(shape).to(call.first))
                scale = call.of(torch.ones(shape).to(call.first)) - shift
            layer = last.layer.scaled(scale.flatten(), shift.flatten())
            return self._kept(last.received, layer, call, last.plain)
        if self._rules.positive:
            raise ZollstockError(
                f"locate: {self._rules.method}",
                "a model has a batch norm that follows no convolution or linear layer at once",
                "one that can be taken as a part of the layer before it",
                f"Use {self._rules.instead} for it.",
            )
        return stabilised(call.of(call.first), self._rules.epsilon)

    def _activation(self, call: Call) -> torch.Tensor | None:
        probe = torch.tensor([-1.0, 0.0, 0.5]).to(call.first)
        with torch.no_grad():
            values = call.of(probe.clone())
        wanted = probe.clamp(min=0) if self._rules.positive else torch.zeros_like(probe[1:2])
        if not torch.equal(values if self._rules.positive else values[1:2], wanted):
            return None
        return call.answered(passed(call.first, call.of))


def _hangs(value: torch.Tensor, leaf: torch.Tensor) -> bool:
    """Return whether a value hangs on a leaf; weights may have records of their own."""
    start = get_gradient_edge(leaf).node
    return value.grad_fn is not None and any(node is start for node in nodes_of(value))


def _reads_below_0(x: torch.Tensor) -> bool:
    """Return whether a layer with weights, but the first, reads values below 0."""
    below = float(x.detach().min()) < 0
    return below and any(name_of(node) == "_Shared" for node in nodes_of(x))


def _parameters(call: Call) -> tuple[Any, Any, tuple[Any, ...], dict[str, Any]]:
    """Return weight, bias, and all else that a layer is called with."""
    rest, named = list(call.rest), dict(call.named)
    weight = rest.pop(0) if rest else named.pop("weight", None)
    bias = rest.pop(0) if rest else named.pop("bias", None)
    return weight, bias, tuple(rest), named


def _layer_norm(call: Call) -> torch.Tensor:
    rest = [*call.rest, *[None] * (4 - len(call.rest))]
    shape, weight, bias, eps = (
        call.named.get(name, value)
        for name, value in zip(("normalized_shape", "weight", "bias", "eps"), rest, strict=False)
    )
    dims = tuple(range(-len(shape), 0))
    x = call.first
    middle = x - x.mean(dims, keepdim=True)
    deviation = (middle.detach().square().mean(dims, keepdim=True) + (eps or 1e-5)).sqrt()
    y = middle / deviation
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def _attention(call: Call) -> torch.Tensor | None:
    """Return what fixed weights make of the values, or fixed weights."""
    if call.name == "softmax":
        # Of two dimensions it makes probabilities of logits, and is no attention.
        return call.of(call.first).detach() if call.first.ndim > 2 else None
    if call.named.get("enable_gqa") or not isinstance(call.first, torch.Tensor):
        return None
    rest, named = list(call.rest), dict(call.named)
    key = rest.pop(0) if rest else named.pop("key")
    value = rest.pop(0) if rest else named.pop("value")
    count = value.shape[-2]
    each = torch.eye(count).to(value).expand(*value.shape[:-2], count, count)
    weights = call.function(call.first.detach(), key.detach(), each, *rest, **named)
    return weights.detach() @ value


def _sum(call: Call) -> torch.Tensor | None:
    other = call.rest[0] if call.rest else call.named.get("other")
    if not isinstance(other, torch.Tensor) or not other.requires_grad:
        return None
    if other.shape != call.first.shape or len(call.rest) > 1 or "alpha" in call.named:
        return None
    found = summed(call.first, other)
    return call.first.copy_(found) if call.name == "iadd" or call.in_place else found
