"""Train a classifier on labelled pictures, and go on with a training that was killed."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from zollstock.files import sha256_of
from zollstock.images.geometry import geometry_of
from zollstock.inference.outputs import returning_logits
from zollstock.inference.probe import examined_for_training
from zollstock.jobs.training import device_to_train_on, train_with_progress
from zollstock.models.card import save_model
from zollstock.models.data.base import source_of
from zollstock.models.keeping import KeepsCheckpoints
from zollstock.models.reading import named
from zollstock.models.registry import read_model
from zollstock.models.starting import begin_from, last_layer
from zollstock.models.telling import speaking_of
from zollstock.models.unfinished import FOLDER, Unfinished, fingerprint_of
from zollstock.models.weights import read_weights
from zollstock.seeds import seed_for


def train_classifier(
    *,
    name: str,
    model: Mapping[str, Any],
    data: Mapping[str, Any],
    training: Mapping[str, Any],
    seed: int,
    weights: Path,
    card: Path,
    threads: int,
    code: Sequence[Path] = (),
    start: Path | None = None,
    every: int = 0,
    checkpoints: Path | None = None,
) -> None:
    """Train a classifier; one that was killed goes on after its last whole epoch.

    Parameters
    ----------
    name
        Of the model.
    model
        The settings of its family, no weights among them: ``family``, ``classes``,
        ``preprocessing``, and what else its module in `zollstock.models.families` reads.
    data
        ``source``, and what else that module in `zollstock.models.data` reads.
    training
        ``epochs``, ``batch_size``, ``learning_rate``, ``weight_decay``, ``device``, ``mirror``.
    seed
        Of the study.
    weights, card
        What is written. What is kept of an unfinished training lies in a folder beside them, since
        Snakemake deletes outputs, and is removed at the end.
    threads
        Of torch, where it trains on a CPU.
    code
        The files that run: an unfinished training of other ones is begun again.
    start
        Weights of a model that it begins from, with a last layer of its own.
    every, checkpoints
        After how many epochs each the weights are kept, and the folder; None keeps the last alone.
    """
    classes = named(model["classes"])[0]
    pictures = source_of(data).training_set(data, classes, seed)
    device = device_to_train_on(training["device"], threads)
    # The same start for every model: they differ by what they have seen, nothing else.
    drawn = seed_for(seed, "training")
    torch.manual_seed(drawn)
    with speaking_of(name):
        read = read_model({**model, "classes": classes})
    settings = {
        "family": model["family"],
        "arguments": read.arguments,
        "classes": read.classes,
        "preprocessing": read.preprocessing,
    }
    images, labels = pictures.fitted(classes, geometry_of(read.preprocessing))
    with speaking_of(name), torch.random.fork_rng(devices=[]):  # what training draws stays the same
        tried = examined_for_training(read.module, settings, device, images.shape[1:3])
    returning_logits(read.module, len(read.classes))
    if start is not None:
        at = next(read.module.parameters()).device
        last = last_layer(read.module, tried.normalisation.apply(images[:1], str(at)))
        begin_from(read.module, read_weights(start)[""], last, start)
    told = {"model": settings, "training": dict(training), "seed": drawn}
    told |= {"device": str(device), "threads": threads}
    unfinished = Unfinished(
        weights.parent / FOLDER / f"{name}.safetensors",
        fingerprint_of(read.module, images, labels, told, code),
    )
    keeping = KeepsCheckpoints(unfinished, training["epochs"], every) if checkpoints else None
    history = train_with_progress(
        f"training {name}",
        read.module,
        images,
        labels,
        training,
        seed=drawn,
        device=device,
        unfinished=unfinished,
        normalisation=tried.normalisation,
        objective=keeping,
    )
    for note in read.notes:
        print(f"{name}: {note}", file=sys.stderr)
    save_model(
        read.module,
        settings,
        weights,
        card,
        channels=tried.normalisation.channels,
        trained_on=data.get("distribution") or data.get("layout") or data.get("path"),
        history=vars(history),
        **({"start": sha256_of(start)} if start else {}),
        **({"checkpoints": keeping.checksums()} if keeping else {}),
    )
    if keeping and checkpoints:
        keeping.finish(checkpoints)
    unfinished.remove()
