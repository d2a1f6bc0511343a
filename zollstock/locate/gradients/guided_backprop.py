"""Guided backpropagation (Springenberg et al. 2015): no negative gradient passes a ReLU.

What passes backward through a ReLU is set to 0 where it is below 0. It is done at the nodes of
torch's record of the pass, not at modules, so that it also holds where one ReLU is used at several
places or called as a function, where hooks on modules are silently wrong.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.errors import ZollstockError
from zollstock.locate.differentiable import GradientModel, differentiated
from zollstock.locate.gradients import Maps, as_maps
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


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return the guided gradient summed over channels.

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
                _guide(list(nodes_of(logits)))
            return (differentiated(model.of_logits(logits), leaf),)

    return as_maps(model.network.in_batches(step, model.pixels(frames))[0])


def _guide(nodes: list[Any]) -> None:
    relus = [node for node in nodes if _is_relu(node)]
    others = {name_of(node) for node in nodes if not _is_relu(node)}
    strange = sorted(name for name in others if name.startswith(OTHERS))
    if strange or not relus:
        found = f"has {', '.join(strange)}" if strange else "has no ReLU"
        raise ZollstockError(
            "locate: guided_backprop",
            f"a model {found}",
            "one whose activations are ReLU or ReLU6, for which alone the method is defined",
            "Use saliency or smoothgrad for it.",
        )
    for node in relus:
        node.register_prehook(_positive)


def _is_relu(node: Any) -> bool:  # noqa: ANN401
    name = name_of(node)
    if name not in LEAST:
        return False
    return not LEAST[name] or getattr(node, f"_saved_{LEAST[name]}", None) == 0


def _positive(gradients: tuple[torch.Tensor | None, ...]) -> tuple[torch.Tensor | None, ...]:
    return tuple(None if one is None else one.clamp(min=0) for one in gradients)
