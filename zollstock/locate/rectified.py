"""What passes backward through a ReLU, set by a rule.

It is done at the nodes of torch's record of the pass, not at modules, so that it also holds where
one ReLU is used at several places or called as a function, where hooks on modules are silently
wrong.
"""

from collections.abc import Callable
from typing import Any

import torch

from zollstock.errors import ZollstockError
from zollstock.locate.differentiable import GradientModel, differentiated
from zollstock.locate.record import name_of, nodes_of

LEAST = {
    "Relu": "",
    "Hardtanh": "min_val",
    "Threshold": "threshold",
    "ClampMin": "min",
    "Clamp": "min",
}
"""What may be a ReLU in torch's record, and the number that is 0 if it is one; ReLU6 is a
`Hardtanh`."""
OTHERS = (
    "Gelu", "Silu", "Elu", "LeakyRelu", "Hardswish", "Mish", "Softplus", "Prelu", "RreluWith",
    "Hardtanh", "Threshold",
)  # fmt: skip
"""Activations in the place of a ReLU, for which no rule was given."""


def rectified_gradients(
    model: GradientModel, pixels: torch.Tensor, rule: Callable[[Any], None], method: str
) -> torch.Tensor:
    """Return the gradient of the followed output by pixels, with a rule at every ReLU.

    Parameters
    ----------
    model
        The followed output.
    pixels
        Shape (N, H, W, channels).
    rule
        Sets what a node of a ReLU does.
    method
        Its name, for the message.

    Raises
    ------
    ZollstockError
        If the model has no ReLU, or activations besides that the rule does not know.
    """

    def step(part: torch.Tensor) -> tuple[torch.Tensor, ...]:
        with torch.enable_grad():
            leaf = part.detach().clone().requires_grad_()
            logits = model.network.logits(leaf)
            if logits.requires_grad:
                for node in _relus(list(nodes_of(logits)), method):
                    rule(node)
            return (differentiated(model.of_logits(logits), leaf),)

    return model.network.in_batches(step, pixels)[0]


def _relus(nodes: list[Any], method: str) -> list[Any]:
    relus = [node for node in nodes if _is_relu(node)]
    others = {name_of(node) for node in nodes if not _is_relu(node)}
    strange = sorted(name for name in others if name.startswith(OTHERS))
    if strange or not relus:
        found = f"has {', '.join(strange)}" if strange else "has no ReLU"
        raise ZollstockError(
            f"locate: {method}",
            f"a model {found}",
            "one whose activations are ReLU or ReLU6, for which alone the method is defined",
            "Use saliency or smoothgrad for it.",
        )
    return relus


def _is_relu(node: Any) -> bool:  # noqa: ANN401
    name = name_of(node)
    if name not in LEAST:
        return False
    return not LEAST[name] or getattr(node, f"_saved_{LEAST[name]}", None) == 0
