"""Explanation loss: right for the right reasons (Ross et al. 2017), with any explainer."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.arrays import Flags
from zollstock.locate.segments.grid import cells
from zollstock.models.training import Step
from zollstock.repair.explained import Draws, Given
from zollstock.repair.explainers import explain, settings_of
from zollstock.repair.losses import explanation_loss, ixai
from zollstock.repair.material import Images, Labels
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
_AT_ONCE = 32


def repair(run: Run) -> None:
    """Minimise cross-entropy + weight · explanation loss of the images with a wanted map.

    See `zollstock.repair.losses.explanation_loss`. ``output`` is explained, by default the logit:
    where a model is sure, a log probability of its label has no slope to penalise. ``baselines``:
    how many training images an explainer may draw from. ``grid``: rows and columns of the segments
    that are taken away.
    """
    run.train(Explained(run))


def maps(run: Run, frames: Images, labels: Labels) -> npt.NDArray[np.float32]:
    """Return how the module explains pictures, (N, H, W) from 0 to 1, by the method's explainer.

    Absolute attributions, their mean over channels, from the least to the highest, as ixai compares
    them with people's; see `zollstock.repair.losses.ixai`.
    """
    how, found = Explaining(run), []
    run.module.to(run.device)
    for start in range(0, len(frames), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        x = run.inputs(frames[some])
        targets = torch.from_numpy(np.asarray(labels[some], np.int64)).to(x.device)
        given = how.given([(place, "maps") for place in range(start, start + len(x))])
        said = explain(
            run.module, x, targets, run.settings["explainer"], given, output=run.settings["output"]
        )
        found.append(ixai(said.detach()).cpu().numpy())
    return np.concatenate(found)


class Explaining:
    """What explainers are given, in a training and after it.

    Parameters
    ----------
    run
        Of which settings, seed and the material's images count, which baselines are drawn from.
    """

    def __init__(self, run: Run) -> None:
        images = run.material.images
        settings_of(run.settings["explainer"])  # what is wrong with it is said at once
        self._seed = run.seed
        rng = rng_for(run.seed, "repair", "baselines")
        some = np.sort(rng.permutation(len(images))[: run.settings["baselines"]])
        self._baselines = run.inputs(images[some])
        height, width = images.shape[1:3]
        side = min(run.settings["grid"], height, width)
        grid = cells(height, side)[:, None] * side + cells(width, side)
        self._segments = torch.from_numpy(grid)

    def given(self, keys: Sequence[Hashable]) -> Given:
        """Return it for pictures, whose draws hang on these keys."""
        return Given(
            baselines=self._baselines, segments=self._segments, draws=Draws(self._seed, keys)
        )


class Explained(Penalised):
    """The loss of a batch's explanations; see `Penalised`."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._wanted = run.material.need_wanted(run.method)
        self._there: Flags = np.asarray(np.isfinite(self._wanted).all(axis=(1, 2)))
        self._how = Explaining(run)

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
        found = explanation_loss(
            step.module,
            step.inputs[chosen],
            step.targets[chosen],
            settings["explainer"],
            wanted,
            settings["penalty"],
            given=self._how.given(keys),
            output=settings["output"],
            normalise=settings["normalise"],
        )
        return settings["weight"] * found
