"""What jobs that train a network share: the device, and a training that says how far it is."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from zollstock.devices import hold_device
from zollstock.inference.batching import keep_freed_memory
from zollstock.models.training import TrainingHistory, train_classifier
from zollstock.models.unfinished import Unfinished
from zollstock.progress import Progress

RECIPE = ("epochs", "batch_size", "learning_rate", "weight_decay", "mirror")
"""What of a training's settings is handed on to `zollstock.models.training.train_classifier`."""


def device_to_train_on(wanted: str, threads: int) -> torch.device:
    """Return the device of a job that trains, for itself alone; `threads` are torch's on a CPU."""
    torch.set_num_threads(threads)
    device = hold_device(wanted)
    if device.type == "cpu":
        keep_freed_memory()
    return device


def train_with_progress(
    title: str,
    module: nn.Module,
    images: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.integer],
    training: Mapping[str, Any],
    *,
    seed: int,
    device: torch.device,
    unfinished: Unfinished,
    **more: Any,  # noqa: ANN401
) -> TrainingHistory:
    """Train a module in place, with lines of progress under a title.

    Parameters
    ----------
    title
        What is said to go on.
    module, images, labels, seed, device, unfinished
        As `zollstock.models.training.train_classifier` takes them.
    training
        Settings, `RECIPE` among them.
    **more
        What else that function takes.
    """
    steps = training["epochs"] * (len(images) // min(training["batch_size"], len(images)))
    with Progress(title, steps, "steps") as count:
        return train_classifier(
            module,
            images,
            labels,
            **{key: training[key] for key in RECIPE},
            seed=seed,
            device=str(device),
            unfinished=unfinished,
            progress=lambda done, total, info: count(done - count.done),
            **more,
        )
