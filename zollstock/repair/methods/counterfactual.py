"""Counterfactual training: edited frames, with their label, are training images, too (as CFKD)."""

from typing import Any

import torch
from torch.nn import functional

from zollstock.models.training import Step
from zollstock.repair.frames import FrameDraws
from zollstock.repair.run import Penalised, Run
from zollstock.trace.network import logits_of

DEFAULTS: dict[str, Any] = {"weight": 1.0, "frames": None}


def repair(run: Run) -> None:
    """Minimise cross-entropy + weight · cross-entropy of edited frames, any of a path alike.

    ``frames``: of each property and step, by default as many as a batch has images.
    """
    run.train(Edited(run))


class Edited(Penalised):
    """The loss of frames that are drawn for each step; see `Penalised`."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._draws = FrameDraws(run, run.settings["frames"] or run.training["batch_size"])

    def penalty(self, step: Step) -> torch.Tensor:
        """Return the weighted cross-entropy of edited frames."""
        frames, labels = self._draws.frames(step.number)
        logits = logits_of(step.module(self.run.inputs(frames)))
        found = functional.cross_entropy(logits, torch.from_numpy(labels).to(step.targets))
        return self.run.settings["weight"] * found
