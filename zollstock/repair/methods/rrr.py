"""Explanation loss: right for the right reasons (Ross et al. 2017), with any explainer."""

from typing import Any

import numpy as np
import torch

from zollstock.arrays import Flags
from zollstock.locate.segments.grid import cells
from zollstock.models.training import Step
from zollstock.repair.explained import Draws, Given
from zollstock.repair.explainers import settings_of
from zollstock.repair.losses import explanation_loss
from zollstock.repair.run import Penalised, Run
from zollstock.seeds import rng_for

DEFAULTS: dict[str, Any] = {
    "weight": 1.0,
    "explainer": {"name": "saliency"},
    "penalty": "mask",
    "normalise": None,
    "output": "logit",
    "baselines": 64,
    "grid": 8,
}


def repair(run: Run) -> None:
    """Minimise cross-entropy + weight · explanation loss of the images with a wanted map.

    See `zollstock.repair.losses.explanation_loss`. ``output`` is explained, by default the logit:
    where a model is sure, a log probability of its label has no slope to penalise. ``baselines``:
    how many training images an explainer may draw from. ``grid``: rows and columns of the segments
    that are taken away.
    """
    run.train(Explaining(run))


class Explaining(Penalised):
    """The loss of a batch's explanations; see `Penalised`."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._wanted = run.material.need_wanted(run.method)
        self._there: Flags = np.asarray(np.isfinite(self._wanted).all(axis=(1, 2)))
        settings_of(run.settings["explainer"])  # what is wrong with it is said at once
        images = run.material.images
        rng = rng_for(run.seed, "repair", "baselines")
        some = np.sort(rng.permutation(len(images))[: run.settings["baselines"]])
        self._baselines = run.inputs(images[some])
        height, width = images.shape[1:3]
        side = min(run.settings["grid"], height, width)
        grid = cells(height, side)[:, None] * side + cells(width, side)
        self._segments = torch.from_numpy(grid)

    def penalty(self, step: Step) -> torch.Tensor | None:
        """Return the weighted loss."""
        rows = np.flatnonzero(self._there[step.places])
        if not len(rows):
            return None
        settings, device = self.run.settings, step.inputs.device
        wanted = torch.from_numpy(self._wanted[step.places[rows]]).to(device)
        chosen = torch.from_numpy(rows).to(device)
        wanted = torch.where(step.flips[chosen][:, None, None], wanted.flip(-1), wanted)
        keys = [(int(place), step.epoch) for place in step.places[rows]]
        given = Given(
            baselines=self._baselines,
            segments=self._segments,
            draws=Draws(self.run.seed, keys),
        )
        found = explanation_loss(
            step.module,
            step.inputs[chosen],
            step.targets[chosen],
            settings["explainer"],
            wanted,
            settings["penalty"],
            given=given,
            output=settings["output"],
            normalise=settings["normalise"],
        )
        return settings["weight"] * found
