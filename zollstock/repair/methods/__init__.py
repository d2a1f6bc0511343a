"""Methods of repair: a module each, found by its name.

A module offers ``DEFAULTS``, its settings, and ``repair(run)``, which changes ``run.module`` in
place: by `zollstock.repair.run.Run.train`, or by any other way. Use `repaired`. One that explains
offers ``maps(run, frames, labels)``, too; use `maps_of`.
"""

import copy
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import nn

from zollstock.entries import find_entry, known_entries
from zollstock.models.normalisation import Normalisation
from zollstock.models.training import DEFAULT_NORMALISATION, Progress
from zollstock.models.weights import State
from zollstock.repair.defaults import with_defaults
from zollstock.repair.material import Images, Labels, Material
from zollstock.repair.run import Run, Watch, state_of

TRAINING: dict[str, Any] = {
    "epochs": 5,
    "batch_size": 32,
    "learning_rate": 0.001,
    "weight_decay": 0.01,
    "mirror": True,
    "device": "cpu",
}
"""How a model is trained further, where nothing else is said."""


@dataclass(frozen=True)
class Repaired:
    """A repaired model.

    Attributes
    ----------
    state
        Its state dict, on the CPU.
    history
        What happened, as JSON has it: of a training ``loss``, ``accuracy``, ``prediction`` and
        ``penalty`` of each epoch, and what was watched.
    epochs
        State dicts after each epoch, or the files that hold them; empty of what is not trained.
    seconds
        Of the processor, a step, mean of each epoch; empty of what is not trained.
    """

    state: State
    history: dict[str, Any]
    epochs: Sequence[State | Path]
    seconds: Sequence[float] = ()


def known_methods() -> list[str]:
    """Return the names of all methods."""
    return known_entries(sys.modules[__name__])


def settings_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a method with those that were not given.

    Raises
    ------
    ZollstockError
        If there is no such method, or it has no such setting.
    """
    entry = find_entry(sys.modules[__name__], settings["name"])
    return with_defaults(settings, entry.DEFAULTS, f"repair: {settings['name']}")


def repaired(
    module: nn.Module,
    material: Material,
    settings: Mapping[str, Any],
    *,
    training: Mapping[str, Any] | None = None,
    seed: int = 0,
    normalisation: Normalisation = DEFAULT_NORMALISATION,
    folder: Path | None = None,
    watch: Watch | None = None,
    code: Sequence[Path] = (),
    progress: Progress | None = None,
) -> Repaired:
    """Return a repaired copy of a model; equal models, material, settings and seed give equal ones.

    Parameters
    ----------
    module
        Stays as it is.
    material
        Images, frames and wanted explanations.
    settings
        ``name`` of the method and its settings.
    training
        What of `TRAINING` is otherwise.
    seed
        Of the study and replicate.
    normalisation
        From frames to the module's input.
    folder
        Where a training that is killed is gone on from, and each epoch's weights are kept; one
        for each repair.
    watch
        Measures the module, in evaluation mode, after each epoch; its numbers go into the history.
    code, progress
        See `zollstock.repair.run.Run`.

    Raises
    ------
    ZollstockError
        If the method lacks something, or the loss is no longer finite.
    """
    whole = settings_of(settings)
    recipe = with_defaults(training or {}, TRAINING, "repair: training")
    own = copy.deepcopy(module)
    run = Run(
        whole["name"], own, material, whole, recipe, normalisation, seed, folder, watch, code,
        progress,
    )  # fmt: skip
    find_entry(sys.modules[__name__], whole["name"]).repair(run)
    return Repaired(state_of(own), run.history, run.epochs, run.seconds)


def maps_of(
    module: nn.Module,
    material: Material,
    settings: Mapping[str, Any],
    frames: Images,
    labels: Labels,
    *,
    device: str = "cpu",
    seed: int = 0,
    normalisation: Normalisation = DEFAULT_NORMALISATION,
) -> npt.NDArray[np.float32]:
    """Return how a method that explains would explain pictures, (N, H, W) from 0 to 1.

    Parameters
    ----------
    module, material, settings, seed, normalisation
        As `repaired` takes them.
    frames, labels
        Pictures of the model's input size, (N, H, W, 3), and the class that is explained of each.
    device
        Where it runs.
    """
    whole = settings_of(settings)
    training = {**TRAINING, "device": device}
    run = Run(whole["name"], module, material, whole, training, normalisation, seed)
    found: npt.NDArray[np.float32] = find_entry(sys.modules[__name__], whole["name"]).maps(
        run, frames, labels
    )
    return found
