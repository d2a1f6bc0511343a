"""Read a model without unpickling code, try it, keep it as safetensors."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zollstock.inference.probe import examined
from zollstock.models.card import save_model
from zollstock.models.registry import read_model
from zollstock.models.telling import speaking_of


def import_checkpoint(*, model: Mapping[str, Any], weights: Path, card: Path) -> None:
    """Bring a user's model into the workflow's format.

    Parameters
    ----------
    model
        The settings of its family: ``family``, ``classes``, ``preprocessing``, and what else its
        module in `zollstock.models.families` reads.
    weights, card
        What is written.
    """
    name = weights.stem
    with speaking_of(name):
        read = read_model(model)
    settings = {
        "family": model["family"],
        "arguments": read.arguments,
        "classes": read.classes,
        "preprocessing": read.preprocessing,
        "outputs": read.outputs,
        "scale": read.scale,
    }
    with speaking_of(name):
        found = examined(read.module, settings)
    notes = list(read.notes)
    if found.outputs == "probabilities":
        notes.append("returns probabilities, so no softmax follows")
    if found.outputs == "sigmoids":
        notes.append("returns a probability a class, so no sigmoid follows")
    if not found.proved:
        notes.append("could not be tried here; it is tried where it runs")
    for note in notes:
        print(f"{name}: {note}", file=sys.stderr)
    save_model(
        read.module,
        settings,
        weights,
        card,
        channels=found.normalisation.channels,
        outputs=found.outputs,
        proved=found.proved,
        scale=read.scale,
        imported_from=read.source,
        notes=notes,
    )
