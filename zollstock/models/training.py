"""Training of small image classifiers on pictures held in memory."""

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.models.normalisation import Normalisation
from zollstock.models.unfinished import Unfinished

Progress = Callable[[int, int, dict[str, float]], None]
DEFAULT_NORMALISATION = Normalisation()
WARM_UP = 0.15
"""Share of the steps over which the learning rate rises."""


@dataclass
class TrainingHistory:
    """Mean training loss and training accuracy of each epoch, in order.

    Attributes
    ----------
    loss
        Cross-entropy in nats, one number per epoch.
    accuracy
        Share of training images classified correctly while learning, one number per epoch.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One step of a training.

    Attributes
    ----------
    module
        What is trained, in training mode.
    inputs, targets
        As the module takes them, (n, channels, H, W), and classes, (n,).
    places
        Of the images among those that are trained on, (n,).
    flips
        Whether each is shown mirrored, (n,).
    epoch, number
        Whole epochs before, and steps before.
    """

    module: nn.Module
    inputs: torch.Tensor
    targets: torch.Tensor
    places: NDArray[np.intp]
    flips: torch.Tensor
    epoch: int
    number: int


class Objective:
    """What a training minimises: cross-entropy, if nothing derives from it."""

    def loss(self, step: Step) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the loss of a step, and the logits of its images, (n, C)."""
        logits = step.module(step.inputs)
        return nn.functional.cross_entropy(logits, step.targets), logits

    def begin_epoch(self, module: nn.Module, epoch: int) -> None:
        """Do what is to be done before an epoch; what it finds must hang on the module alone."""

    def end_epoch(self, module: nn.Module, epoch: int) -> None:
        """Do what is to be done after an epoch."""

    def state(self) -> dict[str, Any]:
        """Return what it has learnt, as JSON has it, to go on from after a kill."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""


def rate_at(step: int, total: int, peak: float) -> float:
    """Return the learning rate of a step: linear up to `peak`, then half a cosine to 0."""
    warm = max(1, round(WARM_UP * total))
    if step < warm:
        return peak * (step + 1) / warm
    return peak * 0.5 * (1.0 + math.cos(math.pi * (step - warm) / max(1, total - warm)))


def train_classifier(
    module: nn.Module,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    weight_decay: float,
    seed: int,
    device: str = "cpu",
    normalisation: Normalisation = DEFAULT_NORMALISATION,
    mirror: bool = True,
    unfinished: Unfinished | None = None,
    progress: Progress | None = None,
    objective: Objective | None = None,
    shares: NDArray[np.float64] | None = None,
    where: str = "training",
) -> TrainingHistory:
    """Train `module` in place with AdamW on cross-entropy; it is left in evaluation mode.

    The only augmentation is a horizontal flip, if any: a change of colour would hide the very
    properties that are to be measured. The order of images and the flips come from `seed`
    alone; equal weights, data, seed and thread count give equal results on a CPU. The
    module's first weights are the caller's: call `torch.manual_seed` before building it. A
    training that was killed goes on after its last whole epoch and ends with the same weights.

    Parameters
    ----------
    module
        Takes (n, 3, H, W) and returns logits (n, C).
    images
        uint8, shape (N, H, W, 3).
    labels
        Integers in [0, C), shape (N,).
    epochs
        Passes over the images.
    batch_size
        Images per step; the last, smaller batch of an epoch is left out if N allows.
    learning_rate
        Peak of the schedule, see `rate_at`.
    weight_decay
        AdamW's decay; biases and normalisation layers are exempt.
    seed
        Of shuffling and flips.
    device
        Where to train; the module stays there.
    normalisation
        From pixels to the module's input.
    mirror
        Whether half of the images, drawn anew each epoch, are shown flipped.
    unfinished
        Where to keep what is needed to go on after each epoch; None keeps nothing.
    progress
        Called after each epoch with steps done, steps in total and `epoch`, `loss`, `accuracy`.
    objective
        What is minimised in place of cross-entropy.
    shares
        Of each image among those that are shown, (N,), which are drawn with replacement; by default
        each is shown once an epoch.
    where
        What is trained, for messages.

    Returns
    -------
    TrainingHistory
        One entry per epoch.

    Raises
    ------
    ZollstockError
        If images and labels do not fit each other, or the loss is no longer finite.
    """
    _check(images, labels)
    count = len(images)
    batch_size = min(batch_size, count)
    per_epoch = count // batch_size
    total = epochs * per_epoch
    # Depthwise convolutions run twice as fast on a CPU with channels innermost.
    module.to(device)
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    module.train()
    optimiser = _optimiser(module, learning_rate, weight_decay)
    rng = np.random.Generator(np.random.Philox(key=seed))
    targets = torch.from_numpy(np.asarray(labels, dtype=np.int64)).to(device)
    objective = objective or Objective()
    kept = unfinished.restore(module, optimiser) if unfinished is not None else None
    if kept:
        objective.restore(kept.pop("objective", {}))
    history = TrainingHistory(**(kept or {}))
    done = len(history.loss)
    if done:
        print(f"training goes on after epoch {done} of {epochs}", file=sys.stderr)
    step = done * per_epoch
    for epoch in range(epochs):
        order = rng.permutation(count) if shares is None else rng.choice(count, count, p=shares)
        flips = rng.random(count) < (0.5 if mirror else 0.0)
        if epoch < done:
            continue  # what was drawn for it is out of the way
        losses, hits = 0.0, 0
        objective.begin_epoch(module, epoch)
        for start in range(0, per_epoch * batch_size, batch_size):
            chosen = order[start : start + batch_size]
            x = normalisation.apply(images[chosen], device)
            flip = torch.from_numpy(flips[start : start + batch_size]).to(device)
            x = torch.where(flip[:, None, None, None], x.flip(-1), x)
            x = x.contiguous(memory_format=torch.channels_last)
            y = targets[torch.from_numpy(chosen).to(device)]
            for group in optimiser.param_groups:
                group["lr"] = rate_at(step, total, learning_rate)
            loss, logits = objective.loss(Step(module, x, y, chosen, flip, epoch, step))
            value = float(loss.detach())
            if not math.isfinite(value):
                raise ZollstockError(
                    where,
                    f"loss {value} at step {step + 1} of {total} (epoch {epoch + 1})",
                    "a finite loss",
                    f"Lower training.learning_rate (now {learning_rate:g})"
                    + _last_good(unfinished, epoch),
                )
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            losses += value
            hits += int((logits.argmax(1) == y).sum())
            step += 1
        history.loss.append(losses / per_epoch)
        history.accuracy.append(hits / (per_epoch * batch_size))
        objective.end_epoch(module, epoch)
        if unfinished is not None and epoch + 1 < epochs:
            told = {"objective": objective.state()}
            unfinished.keep(module, optimiser, vars(history) | told)
        if progress is not None:
            progress(
                step,
                total,
                {
                    "epoch": float(epoch + 1),
                    "loss": history.loss[-1],
                    "accuracy": history.accuracy[-1],
                },
            )
    module.eval()
    return history


def _last_good(unfinished: Unfinished | None, epoch: int) -> str:
    if unfinished is None or not epoch:
        return "."
    return f"; the last good checkpoint is that of epoch {epoch}, {unfinished.file}."


def _optimiser(module: nn.Module, learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    decayed = [p for p in module.parameters() if p.requires_grad and p.ndim > 1]
    exempt = [p for p in module.parameters() if p.requires_grad and p.ndim <= 1]
    return torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": weight_decay},
            {"params": exempt, "weight_decay": 0.0},
        ],
        lr=learning_rate,
    )


def _check(images: NDArray[np.uint8], labels: NDArray[np.integer]) -> None:
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3:
        raise ZollstockError(
            "images",
            f"{images.dtype} of shape {images.shape}",
            "uint8 of shape (N, H, W, 3)",
            "Convert the images to RGB bytes.",
        )
    if len(images) == 0 or np.shape(labels) != (len(images),):
        raise ZollstockError(
            "labels",
            f"shape {np.shape(labels)} beside {len(images)} images",
            "one label per image, and at least one image",
            "Pass arrays of equal length.",
        )
