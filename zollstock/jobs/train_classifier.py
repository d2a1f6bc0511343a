"""Draw a training set and train a classifier on it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from zollstock.devices import hold_device
from zollstock.images.geometry import geometry_of
from zollstock.inference.batching import keep_freed_memory
from zollstock.inference.probe import examined_for_training
from zollstock.models.card import save_model
from zollstock.models.reading import named
from zollstock.models.registry import build_model
from zollstock.models.training import train_classifier as train
from zollstock.progress import Progress
from zollstock.seeds import seed_for
from zollstock.worlds.datasets import check_classes, draw_dataset


def train_classifier(
    *,
    name: str,
    model: Mapping[str, Any],
    world: Mapping[str, Any],
    training: Mapping[str, Any],
    seed: int,
    weights: Path,
    card: Path,
    threads: int,
) -> None:
    """Train a classifier on a distribution of the drawn world.

    Parameters
    ----------
    name
        Of the model.
    model
        ``family``, ``arguments``, ``classes``, ``preprocessing`` and ``trained_on``.
    world
        As `zollstock.worlds.datasets.draw_dataset` takes it.
    training
        ``images``, ``epochs``, ``batch_size``, ``learning_rate``, ``weight_decay``, ``device``.
    seed
        Of the study.
    weights, card
        What is written.
    threads
        Of torch, where it trains on a CPU.
    """
    model = {**model, "classes": named(model["classes"])[0]}
    check_classes(world["name"], model["classes"], f"models.{name}.classes")
    images, labels = draw_dataset(
        world, model["trained_on"], training["images"], seed=(seed, "train")
    )
    images = geometry_of(model["preprocessing"]).apply(images)
    torch.set_num_threads(threads)
    device = hold_device(training["device"])
    if device.type == "cpu":
        keep_freed_memory()
    # The same start for every model: they differ by what they have seen, nothing else.
    start = seed_for(seed, "training")
    torch.manual_seed(start)
    module = build_model(model["family"], model["arguments"], len(model["classes"]))
    with torch.random.fork_rng(devices=[]):  # what training draws stays the same
        tried = examined_for_training(module, model, device, images.shape[1:3])
    steps = training["epochs"] * (len(images) // training["batch_size"])
    with Progress(f"training {name}", steps, "steps") as count:
        history = train(
            module,
            images,
            labels,
            epochs=training["epochs"],
            batch_size=training["batch_size"],
            learning_rate=training["learning_rate"],
            weight_decay=training["weight_decay"],
            seed=start,
            device=str(device),
            normalisation=tried.normalisation,
            progress=lambda done, total, info: count(done - count.done),
        )
    save_model(
        module,
        dict(model),
        weights,
        card,
        channels=tried.normalisation.channels,
        trained_on=model["trained_on"],
        history=vars(history),
    )
