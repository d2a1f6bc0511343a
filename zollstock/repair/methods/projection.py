"""A property's direction in a layer is projected out, or its effect penalised (as RR-ClArC)."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.locate.differentiable import slope_of
from zollstock.models.training import Step
from zollstock.models.weights import State
from zollstock.repair.activations import Flat
from zollstock.repair.directions import Subspace, find_layer, held, subspace
from zollstock.repair.explained import Explained, quiet
from zollstock.repair.run import Penalised, Run, state_of

DEFAULTS: dict[str, Any] = {
    "form": "closed",
    "layer": None,
    "directions": 1,
    "weight": 1.0,
    "output": "logit",
}
FORMS = ("closed", "trained", "penalised")


def repair(run: Run) -> None:
    """Make a layer's activations a into a − Q Qᵀ(a − c), or penalise what moves along Q.

    Q are the directions of the properties, c the mean activation, see
    `zollstock.repair.directions`. ``closed`` puts the projection into the layer's own weights:
    nothing is trained. ``trained`` does so, too, and trains the layer and what follows with
    cross-entropy on projected activations; what comes before stays. ``penalised`` minimises
    cross-entropy + weight · mean |Qᵀ ∂y/∂a|², with Q anew for each epoch (Dreyer et al. 2024).
    ``layer``: of a linear one it is what it receives, of a convolution what it returns; by default
    the last linear layer. ``directions``: of each property.
    """
    paths, settings = run.material.need_paths(run.method), run.settings
    layer = find_layer(run, settings["layer"])
    if settings["form"] in ("closed", "trained"):
        found = subspace(run, layer, paths, settings["directions"])
        run.history["directions"] = found.basis.shape[1]
        if settings["form"] == "trained":
            run.train(Following(run, layer, found))
        project_out(layer, found, run.where)
    elif settings["form"] == "penalised":
        run.train(Insensitive(run, layer))
    else:
        raise ZollstockError(
            f"{run.where}.form",
            f"is '{settings['form']}'",
            f"one of {', '.join(FORMS)}",
            did_you_mean(settings["form"], FORMS),
        )


@torch.no_grad()
def project_out(layer: nn.Linear | nn.Conv2d, found: Subspace, where: str) -> None:
    """Put a projection into a layer's weights: its answer is that of projected activations.

    Raises
    ------
    ZollstockError
        If the layer has no biases, which the mean activation goes into.
    """
    if layer.bias is None:
        raise ZollstockError(
            f"{where}.layer",
            "has no biases",
            "a layer with biases, which the mean activation goes into",
            "Name another layer.",
        )
    weight, bias = layer.weight.double().cpu(), layer.bias.double().cpu()
    across = found.basis @ found.basis.T
    if isinstance(layer, nn.Linear):
        gone = weight @ across
        layer.weight.copy_(weight - gone)
        layer.bias.copy_(bias + gone @ found.centre)
    else:
        layer.weight.copy_(weight - torch.einsum("ab,bcde->acde", across, weight))
        layer.bias.copy_(bias - across @ (bias - found.centre))


class Following(Penalised):
    """Cross-entropy of a layer and what follows, on projected activations.

    Parameters
    ----------
    run
        What is trained.
    layer
        Where.
    found
        What is projected out.
    """

    def __init__(self, run: Run, layer: nn.Linear | nn.Conv2d, found: Subspace) -> None:
        super().__init__(run)
        self._layer, self._found = layer, found
        self._named = next(name for name, part in run.module.named_modules() if part is layer)

    def loss(self, step: Step) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the loss; batch norms before the layer stay as they are, too."""
        with quiet(step.module), projected(self._layer, self._found):
            return super().loss(step)

    def kept(self, module: nn.Module) -> State:
        """Return weights with the projection in them."""
        whole = copy.deepcopy(module)
        layer = whole.get_submodule(self._named)
        assert isinstance(layer, nn.Linear | nn.Conv2d)
        project_out(layer, self._found, self.run.where)
        return state_of(whole)

    def measured(self, module: nn.Module) -> dict[str, float]:
        """Return what is watched, of projected activations."""
        with projected(self._layer, self._found):
            return super().measured(module)


@contextmanager
def projected(layer: nn.Linear | nn.Conv2d, found: Subspace) -> Iterator[None]:
    """Project what a linear layer receives, or a convolution returns; gradients end before it."""

    def change(values: torch.Tensor) -> torch.Tensor:
        last = values.movedim(1, -1) if isinstance(layer, nn.Conv2d) else values.detach()
        basis, centre = found.basis.to(last), found.centre.to(last)
        last = last - (last - centre) @ basis @ basis.T
        return last.movedim(-1, 1) if isinstance(layer, nn.Conv2d) else last

    def before(_: nn.Module, received: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return received[0].detach() if isinstance(layer, nn.Conv2d) else change(received[0])

    hooks = [layer.register_forward_pre_hook(before)]
    if isinstance(layer, nn.Conv2d):
        hooks.append(layer.register_forward_hook(lambda _, __, returned: change(returned)))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


class Insensitive(Penalised):
    """The penalty on what the output changes by along the directions.

    Parameters
    ----------
    run
        What is trained.
    layer
        Where.
    """

    def __init__(self, run: Run, layer: nn.Linear | nn.Conv2d) -> None:
        super().__init__(run)
        self._layer = layer
        self._basis: torch.Tensor | None = None

    def begin_epoch(self, module: nn.Module, epoch: int) -> None:
        """Find the directions of the module as it is."""
        super().begin_epoch(module, epoch)
        run = self.run
        found = subspace(run, self._layer, run.material.paths, run.settings["directions"])
        self._basis = found.basis

    def penalty(self, step: Step) -> torch.Tensor:
        """Return the weighted mean square."""
        explained = Explained(step.module, step.targets, self.run.settings["output"])
        with quiet(step.module), held(self._layer) as found, Flat() as mode:
            values = explained(step.inputs)
        with mode.for_inputs():
            slopes = slope_of(values, found[-1], further=True, where=self.run.where)
        # Along a direction at all places at once.
        whole = slopes.flatten(2).sum(2) if slopes.ndim == 4 else slopes.flatten(0, -2)
        assert self._basis is not None
        moved = whole @ self._basis.to(whole)
        return self.run.settings["weight"] * (moved**2).sum(1).mean()
