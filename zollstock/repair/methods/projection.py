"""A property's direction in a layer is projected out, or its effect penalised (as RR-ClArC)."""

from typing import Any

import torch
from torch import nn

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.locate.differentiable import slope_of
from zollstock.models.training import Step
from zollstock.repair.activations import Flat
from zollstock.repair.directions import Subspace, find_layer, held, subspace
from zollstock.repair.explained import Explained, quiet
from zollstock.repair.run import Penalised, Run

DEFAULTS: dict[str, Any] = {
    "form": "closed",
    "layer": None,
    "directions": 1,
    "weight": 1.0,
    "output": "logit",
}
FORMS = ("closed", "penalised")


def repair(run: Run) -> None:
    """Make a layer's activations a into a − Q Qᵀ(a − c), or penalise what moves along Q.

    Q are the directions of the properties, c the mean activation, see
    `zollstock.repair.directions`. ``closed`` puts the projection into the layer's own weights:
    nothing is trained. ``penalised`` minimises cross-entropy + weight · mean |Qᵀ ∂y/∂a|², with Q
    anew for each epoch (Dreyer et al. 2024). ``layer``: of a linear one it is what it receives,
    of a convolution what it returns; by default the last linear layer. ``directions``: of each
    property.
    """
    paths, settings = run.material.need_paths(run.method), run.settings
    layer = find_layer(run, settings["layer"])
    if settings["form"] == "closed":
        found = subspace(run, layer, paths, settings["directions"])
        project_out(layer, found, run.where)
        run.history["directions"] = found.basis.shape[1]
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
