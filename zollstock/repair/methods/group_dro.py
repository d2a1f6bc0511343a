"""GroupDRO (Sagawa et al. 2020): groups that do worst weigh most.

A baseline that asks for groups.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from zollstock.models.training import Step
from zollstock.repair.material import balanced
from zollstock.repair.run import Penalised, Run

DEFAULTS: dict[str, Any] = {"rate": 0.01, "adjustment": 0.0}


def repair(run: Run) -> None:
    """Minimise Σ_g q_g·loss_g, q_g ∝ q_g·exp(rate·loss_g) at each step, of balanced images.

    ``adjustment`` C adds C/√n_g to the loss that q hangs on, n_g the group's number of images.
    """
    objective = WorstGroup(run)
    run.train(objective, shares=balanced(objective.cells))


class WorstGroup(Penalised):
    """The weighted loss of groups; see `Penalised`."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.cells = run.material.cells(run.method)
        counts = np.bincount(self.cells)
        self._count = len(counts)
        self._more = run.settings["adjustment"] / np.sqrt(counts)
        self._q = np.full(self._count, 1 / self._count)

    def prediction(self, logits: torch.Tensor, step: Step) -> torch.Tensor:
        """Return the loss, and weigh groups for the next one."""
        each = functional.cross_entropy(logits, step.targets, reduction="none")
        cells = torch.from_numpy(self.cells[step.places]).to(each.device)
        counts = torch.bincount(cells, minlength=self._count)
        sums = torch.zeros(self._count, dtype=each.dtype, device=each.device)
        means = sums.index_add(0, cells, each) / counts.clamp(min=1)
        there = (counts > 0).cpu().numpy()
        losses = means.detach().cpu().double().numpy() + np.where(there, self._more, 0.0)
        self._q = self._q * np.exp(self.run.settings["rate"] * losses)
        self._q = self._q / self._q.sum()
        return (torch.from_numpy(self._q).to(means) * means).sum()

    def state(self) -> dict[str, Any]:
        """Return the weights, too."""
        return super().state() | {"q": self._q.tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        super().restore(state)
        self._q = np.array(state["q"])
