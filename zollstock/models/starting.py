"""Training that begins from another model, with a last layer of its own."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.models.weights import State


def last_layer(module: nn.Module, inputs: torch.Tensor) -> str:
    """Return the name of the layer with weights that is run last.

    Parameters
    ----------
    module
        A network; it is left as it is, running statistics included.
    inputs
        Of one picture, as the module takes them, (1, channels, H, W).

    Raises
    ------
    ZollstockError
        If it has no layer with weights.
    """
    called: list[str] = []

    def noted(name: str) -> Any:  # noqa: ANN401 - a hook of torch
        return lambda *_: called.append(name)

    hooks = [
        one.register_forward_hook(noted(name))
        for name, one in module.named_modules()
        if any(tensor.ndim > 1 for tensor in one.parameters(recurse=False))
    ]
    training = module.training
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            module.eval()(inputs)
    finally:
        module.train(training)
        for hook in hooks:
            hook.remove()
    if not called:
        raise ZollstockError(
            "training.start_from",
            "is set for a model without a layer with weights",
            "a network with a last layer that can be drawn anew",
            "Remove start_from.",
        )
    return called[-1]


def begin_from(module: nn.Module, state: State, last: str, where: Path) -> None:
    """Take over the weights of another model, all but those of the last layer.

    Parameters
    ----------
    module
        As it was drawn; its last layer stays so.
    state
        Of the other model.
    last
        Name of the last layer, see `last_layer`.
    where
        The other model's file, for messages.

    Raises
    ------
    ZollstockError
        If the two are not of one architecture.
    """
    own = module.state_dict()
    wanted = [name for name in own if not (last and name.startswith(f"{last}."))]
    for name in wanted:
        found = state.get(name)
        if found is None or found.shape != own[name].shape:
            there = "is not in it" if found is None else f"has the shape {tuple(found.shape)} there"
            raise ZollstockError(
                f"{where}: training.start_from",
                f"does not fit: {name} {there}",
                "a model of the same architecture, whose last layer alone differs",
                "Give both models the same family and arguments.",
            )
    with torch.no_grad():
        for name in wanted:
            own[name].copy_(state[name])
