"""Read a checkpoint without unpickling code, try the model, keep it as safetensors."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch.nn import Module

from zollstock.inference.probe import examined
from zollstock.models.card import save_model
from zollstock.models.fitting import load_into
from zollstock.models.registry import build_model
from zollstock.models.weights import read_weights


def import_checkpoint(*, model: Mapping[str, Any], weights: Path, card: Path) -> None:
    """Bring a user's model into the workflow's format.

    Parameters
    ----------
    model
        ``family``, ``arguments``, ``classes``, ``preprocessing``, the file ``weights`` and its
        ``key``; without a file the builder returns a ready model.
    weights, card
        What is written.
    """
    name = weights.stem
    module = build_model(model["family"], model["arguments"], len(model["classes"]))
    if model["weights"]:
        _fill(module, Path(model["weights"]), model.get("key"), name)
    found = examined(module, model)
    if found.outputs == "probabilities":
        print(f"{name}: returns probabilities, so no softmax follows", file=sys.stderr)
    if not found.proved:
        print(f"{name}: could not be tried here; it is tried where it runs", file=sys.stderr)
    save_model(
        module,
        dict(model),
        weights,
        card,
        channels=found.normalisation.channels,
        outputs=found.outputs,
        proved=found.proved,
        imported_from=model["weights"],
    )


def _fill(module: Module, given: Path, key: str | None, name: str) -> None:
    """Load the weights, and say what was taken of the file; nothing of it stays in memory."""
    fit = load_into(module, read_weights(given), given, key)
    if fit.name:
        print(f"{name}: the weights are those under '{fit.name}'", file=sys.stderr)
    if fit.left:
        left = f"{len(fit.left)} tensors of the file are no part of it, first {fit.left[0]}"
        print(f"{name}: {left}", file=sys.stderr)
