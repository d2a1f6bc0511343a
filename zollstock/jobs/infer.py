"""Run one model on the frames of all properties that it has not seen."""

import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch

from zollstock.devices import choose_device
from zollstock.files import write_json
from zollstock.inference.inputs import checked_inputs
from zollstock.inference.kept import KeptPredictions, model_fingerprint
from zollstock.inference.predictions import Predictions, write_predictions
from zollstock.inference.run import Runner
from zollstock.inference.seals import checksum_of_whole
from zollstock.manifests import read_manifest, store_of
from zollstock.models.card import load_model
from zollstock.progress import Progress


def infer(
    *,
    model: str,
    manifests: Sequence[Path],
    predictions: Sequence[Path],
    weights: Path,
    card: Path,
    code: Sequence[Path],
    note: Path,
    device: str,
    batch_size: int | str,
    precision: str,
    shared: bool,
    threads: int,
) -> None:
    """Write the predictions of one model for all paths of several properties.

    What the model has predicted before, from the same frames in the same way, is kept.

    Parameters
    ----------
    model
        Its name.
    manifests
        Of the paths of each property; each names its store.
    predictions
        The Zarr group of each, in the same order.
    weights, card
        The model.
    code
        The files that run, the user's own included; with others all is predicted again.
    note
        JSON that is written last: of each property what its predictions were made from, and
        their checksum.
    device, batch_size, precision, shared, threads
        How the model is run; see `zollstock.inference.run.Runner`.
    """
    torch.set_num_threads(threads)
    kind = choose_device(device).type
    how = {"device": kind, "precision": precision, "batch_size": batch_size}
    made_by = model_fingerprint(weights, card, code, how)
    made = [
        KeptPredictions(group, made_by, read_manifest(manifest))
        for manifest, group in zip(manifests, predictions, strict=True)
    ]
    paths = sum(len(kept.entries) for kept in made)
    missing = sum(len(kept.missing) for kept in made)
    if missing < paths:
        print(f"{model}: {paths - missing} of {paths} paths are predicted already", file=sys.stderr)

    @cache
    def runner() -> Runner:
        """Return the model, loaded when there is something to predict."""
        found = load_model(weights, card)
        options: dict[str, Any] = how | {"device": device, "shared": shared}
        return Runner(found, **options)

    def new(kept: KeptPredictions, store: Path) -> Iterator[Predictions]:
        if kept.missing:
            geometry = runner().model.geometry
            inputs = checked_inputs(store, {"images": kept.missing}, geometry, threads)
            yield from runner().predict(inputs, count)

    # The unedited image of every path is predicted with its frames.
    frames = sum(len(kept.missing) * (kept.origin.steps + 1) for kept in made)
    with Progress(model, frames) as count:
        for kept, manifest in zip(made, manifests, strict=True):
            if not kept.complete:
                found = kept.with_new(new(kept, store_of(manifest)))
                write_predictions(found, kept.root, len(kept.entries), kept.origin)
    notes = {
        kept.root.parent.name: {"made_by": made_by, "checksum": checksum_of_whole(kept.root)}
        for kept in made
    }
    write_json(notes, note)
