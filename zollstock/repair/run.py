"""One repair: a copy of a model, trained by a method, with what happened on the way."""

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from zollstock.models.normalisation import Normalisation
from zollstock.models.training import Objective, Progress, Step, train_classifier
from zollstock.models.unfinished import FOLDER, Unfinished, fingerprint_of, keep_state
from zollstock.models.weights import State
from zollstock.repair.explained import quiet
from zollstock.repair.material import Images, Material, inputs_of
from zollstock.seeds import seed_for

Watch = Callable[[nn.Module], Mapping[str, float]]
EPOCHS = "epochs"
"""Beside a repaired model: its weights after each epoch."""


@dataclass
class Run:
    """What a method works on.

    Attributes
    ----------
    method
        Its name.
    module
        A copy of the model's, changed in place.
    material
        What is there to repair with.
    settings
        Of the method, all of them.
    training
        ``epochs``, ``batch_size``, ``learning_rate``, ``weight_decay``, ``mirror`` and ``device``.
    normalisation
        From frames to the module's input.
    seed
        Of all chance.
    folder
        Where an unfinished training and each epoch's weights are kept; None keeps the latter in
        memory.
    watch
        What is measured of the module, in evaluation mode, after each epoch.
    code
        Files that run: an unfinished training of other ones is begun again.
    progress
        See `zollstock.models.training.train_classifier`.
    history
        What happened, as JSON has it.
    epochs
        Weights after each epoch, or the files that hold them.
    seconds
        Of the processor, a step, mean of each epoch. No part of the history: it is never the same.
    """

    method: str
    module: nn.Module
    material: Material
    settings: Mapping[str, Any]
    training: Mapping[str, Any]
    normalisation: Normalisation
    seed: int
    folder: Path | None = None
    watch: Watch | None = None
    code: Sequence[Path] = ()
    progress: Progress | None = None
    history: dict[str, Any] = field(default_factory=dict)
    epochs: list[State | Path] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def where(self) -> str:
        """What an error speaks of."""
        return f"repair: {self.method}"

    @property
    def device(self) -> str:
        """Where it is trained."""
        return str(self.training["device"])

    def train(
        self,
        objective: "Penalised | None" = None,
        *,
        shares: npt.NDArray[np.float64] | None = None,
        **other: Any,  # noqa: ANN401
    ) -> None:
        """Train the module on the material's images; a training that was killed goes on.

        Parameters
        ----------
        objective
            What is minimised; by default cross-entropy alone.
        shares
            See `zollstock.models.training.train_classifier`.
        **other
            Settings of the training in place of the run's.
        """
        objective = objective or Penalised(self)
        recipe = {**self.training, **other}
        images, labels = self.material.images, self.material.labels
        start = seed_for(self.seed, "repair", self.method)
        unfinished = None
        if self.folder is not None:
            told = {
                "method": self.method, "settings": dict(self.settings), "training": recipe,
                "seed": start, "material": self.material.digest(), "mean": self.normalisation,
                "threads": torch.get_num_threads(),
                "shares": None if shares is None else shares.tolist(),
            }  # fmt: skip
            unfinished = Unfinished(
                self.folder / FOLDER / f"{self.method}.safetensors",
                fingerprint_of(self.module, images, labels, told, self.code),
            )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(start)
            history = train_classifier(
                self.module,
                images,
                labels,
                **recipe,
                seed=start,
                normalisation=self.normalisation,
                unfinished=unfinished,
                progress=self.progress,
                objective=objective,
                shares=shares,
                where=self.where,
            )
        self.history |= vars(history) | objective.told
        self.epochs, self.seconds = objective.weights, objective.seconds
        if unfinished is not None:
            unfinished.remove()

    def apart(self, name: str) -> "Run":
        """Return a run of an untouched copy of the module, for a part of a method."""
        return Run(
            f"{self.method}-{name}", copy.deepcopy(self.module), self.material, {},
            self.training, self.normalisation, self.seed, self.folder, code=self.code,
        )  # fmt: skip

    def inputs(self, frames: Images) -> torch.Tensor:
        """Return frames as the module takes them."""
        return inputs_of(frames, self.normalisation, self.device)

    def in_batches(
        self, function: Callable[[torch.Tensor], torch.Tensor], frames: Images
    ) -> torch.Tensor:
        """Return what a function makes of frames, without gradients, joined on the CPU."""
        size = 4 * int(self.training["batch_size"])
        self.module.to(self.device)
        with quiet(self.module), torch.no_grad():
            parts = [
                function(self.inputs(frames[start : start + size])).cpu()
                for start in range(0, len(frames), size)
            ]
        return torch.cat(parts)


class Penalised(Objective):
    """Cross-entropy and a penalty; methods derive from it.

    Parameters
    ----------
    run
        What is trained.

    Attributes
    ----------
    told
        Means of each epoch of what `penalty` and `Run.watch` name, and what methods add.
    weights, seconds
        See `Run.epochs` and `Run.seconds`.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.told: dict[str, list[float]] = {}
        self.weights: list[State | Path] = []
        self.seconds: list[float] = []
        self._start = 0.0
        self._sums: dict[str, float] = {}
        self._steps = 0

    def penalty(self, step: Step) -> torch.Tensor | None:
        """Return what is added to cross-entropy, weighted; None adds nothing."""
        return None

    def prediction(self, logits: torch.Tensor, step: Step) -> torch.Tensor:
        """Return the loss of the images themselves."""
        return nn.functional.cross_entropy(logits, step.targets)

    def loss(self, step: Step) -> tuple[torch.Tensor, torch.Tensor]:
        """Return prediction loss and penalty, and the logits."""
        logits = step.module(step.inputs)
        loss = self.prediction(logits, step)
        added = self.penalty(step)
        parts = {"prediction": loss} | ({} if added is None else {"penalty": added})
        for name, part in parts.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(part.detach())
        self._steps += 1
        return (loss if added is None else loss + added), logits

    def begin_epoch(self, module: nn.Module, epoch: int) -> None:
        """Forget the sums of an epoch before."""
        self._sums, self._steps = {}, 0
        self._start = time.process_time()

    def end_epoch(self, module: nn.Module, epoch: int) -> None:
        """Note means and what is watched, and keep the weights."""
        self.seconds.append((time.process_time() - self._start) / self._steps)
        found = {name: total / self._steps for name, total in self._sums.items()}
        found |= self.measured(module)
        for name, value in found.items():
            self.told.setdefault(name, []).append(float(value))
        state = self.kept(module)
        if self.run.folder is None:
            self.weights.append(state)
            return
        self.weights.append(self._file(epoch))
        self._file(epoch).parent.mkdir(parents=True, exist_ok=True)
        keep_state(state, self._file(epoch))

    def measured(self, module: nn.Module) -> dict[str, float]:
        """Return what is watched, in evaluation mode."""
        if self.run.watch is None:
            return {}
        with quiet(module):
            return dict(self.run.watch(module))

    def kept(self, module: nn.Module) -> State:
        """Return the weights that are kept of an epoch."""
        return state_of(module)

    def state(self) -> dict[str, Any]:
        """Return what was told so far."""
        return {"told": self.told, "seconds": self.seconds}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self.told = {name: list(values) for name, values in state["told"].items()}
        self.seconds = list(state["seconds"])
        done = max((len(values) for values in self.told.values()), default=0)
        self.weights = [self._file(epoch) for epoch in range(done)]

    def _file(self, epoch: int) -> Path:
        assert self.run.folder is not None
        return self.run.folder / EPOCHS / f"{self.run.method}-{epoch + 1:03d}.safetensors"


def state_of(module: nn.Module) -> State:
    """Return a copy of a module's state, a tensor each, on the CPU."""
    return {
        name: value.detach().cpu().contiguous().clone()
        for name, value in module.state_dict().items()
    }
