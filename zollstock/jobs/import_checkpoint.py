"""Read a checkpoint without unpickling code, check that it fits, keep it as safetensors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zollstock.models.card import save_model
from zollstock.models.registry import build_model
from zollstock.models.weights import load_into, read_weights


def import_checkpoint(*, model: Mapping[str, Any], weights: Path, card: Path) -> None:
    """Bring a user's model into the workflow's format.

    Parameters
    ----------
    model
        ``family``, ``arguments``, ``classes``, ``preprocessing``, and the file ``weights``; without
        one the builder returns a ready model.
    weights, card
        What is written.
    """
    module = build_model(model["family"], model["arguments"], len(model["classes"]))
    if model["weights"]:
        given = Path(model["weights"])
        load_into(module, read_weights(given), given)
    save_model(module, dict(model), weights, card, imported_from=model["weights"])
