"""A model as the workflow keeps it: a ``.safetensors`` file and a JSON card beside it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from zollstock.files import check_sha256, read_json, write_json
from zollstock.images.geometry import Geometry, geometry_of
from zollstock.models.checkpoints import Checkpoint
from zollstock.models.fitting import load_into
from zollstock.models.normalisation import Normalisation
from zollstock.models.registry import build_model
from zollstock.models.weights import read_weights


@dataclass(frozen=True)
class Model:
    """A classifier ready to run.

    Attributes
    ----------
    module
        In evaluation mode; maps (N, channels, height, width) to (N, classes).
    classes
        Class names in the order of the outputs.
    geometry, normalisation
        From an RGB image to the module's input.
    outputs
        What the module returns: ``logits`` or ``probabilities`` of classes of which one is true;
        a logit a class (``sigmoid``) or a probability a class (``sigmoids``) where several may be
        true; or a ``similarity``, such as a cosine, to each class.
    proved
        Whether it was seen to be a function of the frame, see `zollstock.inference.probe`.
    scale
        What similarities are multiplied by before the softmax that makes probabilities of them.
    """

    module: torch.nn.Module
    classes: tuple[str, ...]
    geometry: Geometry
    normalisation: Normalisation
    outputs: str = "logits"
    proved: bool = True
    scale: float = 1.0

    @property
    def independent(self) -> bool:
        """Whether each class has a probability of its own, which exclude no other."""
        return self.outputs in {"sigmoid", "sigmoids"}

    @property
    def kind(self) -> str:
        """What its outputs are called: logits, probabilities, sigmoid or similarity."""
        return "sigmoid" if self.independent else self.outputs


def save_model(
    module: torch.nn.Module, settings: dict[str, Any], weights: Path, card: Path, **facts: object
) -> None:
    """Write weights and card.

    Parameters
    ----------
    module
        The trained model.
    settings
        ``family``, ``arguments``, ``classes`` and ``preprocessing``.
    weights, card
        Where to write the tensors and the JSON.
    **facts
        Further JSON-able entries of the card, e.g. the training history.
    """
    content = content_of(module)
    weights.write_bytes(content)
    entries = {
        "family": settings["family"],
        "arguments": settings["arguments"],
        "classes": settings["classes"],
        "preprocessing": settings["preprocessing"],
        "parameters": sum(value.numel() for value in module.parameters()),
        "sha256": hashlib.sha256(content).hexdigest(),
        **facts,
    }
    write_json(entries, card)


def content_of(module: torch.nn.Module) -> bytes:
    """Return a module's weights as the bytes of a ``.safetensors`` file."""
    state = {name: value.detach().cpu().contiguous() for name, value in module.state_dict().items()}
    # Tied parameters share memory, which safetensors refuses; a copy each is equivalent.
    return safetensors.torch.save({name: value.clone() for name, value in state.items()})


def check_weights(file: Path, entries: Mapping[str, Any], known: str | None) -> None:
    """Compare weights with what a model's card knows of them.

    Parameters
    ----------
    file
        The model's, or one of its checkpoints.
    entries
        The card.
    known
        Its checksum; None where the card has none.

    Raises
    ------
    ZollstockError
        If they are missing, harmed or another's.
    """
    if known is None:
        return
    rules = "train_classifier import_checkpoint"
    for entry, rule in (("checkpoints", "train_series"), ("repaired", "repair_model")):
        rules = rule if entry in entries else rules
    expected = f"weights of the checksum {known[:12]}…"
    check_sha256(file, known, expected, f"Run again with --forcerun {rules}.")


def check_checkpoints(card: Path, series: Sequence[Checkpoint]) -> None:
    """Compare the checkpoints that a training here kept with the model's card; may raise."""
    entries = read_json(card)
    known = entries.get("checkpoints", {})
    for one in series:
        check_weights(Path(one.file), entries, known.get(Path(one.file).name))


def load_model(weights: Path, card: Path) -> Model:
    """Load what `save_model` wrote.

    Raises
    ------
    ZollstockError
        If the weights are missing, are not those of the card, or do not fit its architecture.
    """
    entries = read_json(card)
    check_weights(weights, entries, entries.get("sha256"))
    preprocessing = entries["preprocessing"]
    module = build_model(entries["family"], entries["arguments"], len(entries["classes"]))
    load_into(module, read_weights(weights), weights)
    return Model(
        module.eval(),
        tuple(entries["classes"]),
        geometry_of(preprocessing),
        Normalisation.of(preprocessing | {"channels": entries.get("channels", 3)}),
        entries.get("outputs", "logits"),
        entries.get("proved", True),
        entries.get("scale", 1.0),
    )
