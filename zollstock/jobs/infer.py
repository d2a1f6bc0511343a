"""Run one model on every frame of one property."""

from pathlib import Path

import torch

from zollstock.files import read_json
from zollstock.images.geometry import Geometry
from zollstock.inference.inputs import checked_inputs, read_inputs
from zollstock.inference.predictions import write_predictions
from zollstock.inference.run import Runner
from zollstock.models.card import load_model
from zollstock.progress import Progress


def infer(
    *,
    manifest: Path,
    store: Path,
    resized: Path | None,
    weights: Path,
    card: Path,
    predictions: Path,
    title: str,
    device: str,
    batch_size: int | str,
    precision: str,
    threads: int,
) -> None:
    """Write the predictions of one model for all paths of one property.

    Parameters
    ----------
    manifest, store
        The property's paths.
    resized
        Their frames at the model's input size; None if the model takes them as they are.
    weights, card
        The model.
    predictions
        The Zarr group that is written.
    title
        What the progress line says.
    device, batch_size, precision, threads
        How the model is run; see `zollstock.inference.run.Runner`.
    """
    torch.set_num_threads(threads)
    model = load_model(weights, card)
    made = read_json(manifest)
    inputs = read_inputs(resized) if resized else checked_inputs(store, made, Geometry())
    # The unedited image of every path is predicted with its frames.
    total = len(made["images"]) * (made["shape"]["steps"] + 1)
    with Progress(title, total) as count:
        runner = Runner(model, device=device, batch_size=batch_size, precision=precision)
        found = runner.predict(inputs, count)
        write_predictions(found, predictions, len(made["images"]))
