"""The property-difference penalty: both frames of a path are to be judged alike. First order."""

from typing import Any

import torch

from zollstock.models.training import Step
from zollstock.repair.explained import quiet
from zollstock.repair.frames import FrameDraws
from zollstock.repair.losses import likelihoods, squared_difference
from zollstock.repair.run import Penalised, Run

DEFAULTS: dict[str, Any] = {"weight": 1.0, "edited": 0.0, "pairs": None, "frames": "any"}


def repair(run: Run) -> None:
    """Minimise cross-entropy + weight · mean (log p(y|frame s₁) − log p(y|frame s₂))².

    ``edited``: weight of the cross-entropy of the drawn frames, whose label is known: at no cost
    this is counterfactual training besides. ``pairs``: of each property and step, by default as
    many as a batch has images. ``frames``: ``any`` two of a path, or its ``ends``. Several
    properties are penalised at once.
    """
    run.train(Difference(run))


class Difference(Penalised):
    """The penalty of pairs that are drawn for each step; see `Penalised`."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._draws = FrameDraws(run, run.settings["pairs"] or run.training["batch_size"])

    def penalty(self, step: Step) -> torch.Tensor:
        """Return the weighted mean square, of the model as it is used: in evaluation mode."""
        run = self.run
        ends = run.settings["frames"] == "ends"
        first, second, labels = self._draws.pairs(step.number, ends=ends)
        classes = torch.from_numpy(labels).to(step.targets)
        with quiet(step.module):
            found = likelihoods(step.module, run.inputs(first), run.inputs(second), classes)
        apart = run.settings["weight"] * squared_difference(found)
        # Cross-entropy is the mean of −log p(y), which is there already.
        return apart - run.settings["edited"] * found.mean() if run.settings["edited"] else apart
