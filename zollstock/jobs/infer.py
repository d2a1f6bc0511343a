"""Run one model on the frames of all properties that it has not seen."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch

from zollstock.devices import choose_device
from zollstock.files import write_json
from zollstock.images.geometry import Geometry
from zollstock.images.table import ImageRecord, read_table
from zollstock.inference.fingerprint import model_fingerprint
from zollstock.inference.inputs import inputs_of_paths, picture_geometry, picture_inputs
from zollstock.inference.kept import Entry, KeptPredictions, notes_of
from zollstock.inference.predictions import Predictions, write_predictions
from zollstock.inference.run import Runner
from zollstock.manifests import read_manifest, store_of
from zollstock.models.card import load_model
from zollstock.models.telling import speaking_of
from zollstock.paths import PathInput
from zollstock.progress import Progress


def infer(
    *,
    model: str,
    manifests: Sequence[Path],
    predictions: Sequence[Path],
    images: Path,
    pixels: Path,
    pictures: Path | None,
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
    images, pixels
        Table of the images, and the folder with their PNGs.
    pictures
        The Zarr group of what the model says of these; None where another job writes it.
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
    manifests_of = [read_manifest(manifest) for manifest in manifests]
    records = {record.id: record for record in read_table(images, pixels)}
    made = [
        KeptPredictions(group, made_by, manifest)
        for manifest, group in zip(manifests_of, predictions, strict=True)
    ]
    still = KeptPredictions(pictures, made_by, as_paths(records)) if pictures else None
    every = [*made, *([still] if still else [])]
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

    def new(kept: KeptPredictions, manifest: Mapping[str, Any], store: Path) -> Iterator[Any]:
        if kept.missing:
            geometry = runner().model.geometry
            inputs = inputs_of_paths(store, manifest, kept.missing, geometry, records, threads)
            yield from runner().predict(inputs, count)

    def of_pictures(kept: KeptPredictions) -> Iterator[Predictions]:
        if kept.missing:
            geometry = runner().model.geometry
            inputs = inputs_of_pictures(kept.missing, records, geometry, manifests_of[0])
            yield from runner().predict(inputs, count)

    # The unedited image of every path is predicted with its frames.
    frames = sum(len(kept.missing) * (kept.origin.steps + 1) for kept in every)
    with Progress(model, frames) as count, speaking_of(model):
        for kept, manifest, file in zip(made, manifests_of, manifests, strict=True):
            if not kept.complete:
                found = kept.with_new(new(kept, manifest, store_of(file)))
                write_predictions(found, kept.root, len(kept.entries), kept.origin)
        if still and not still.complete:
            found = still.with_new(of_pictures(still))
            write_predictions(found, still.root, len(still.entries), still.origin)
    write_json(notes_of(every), note)


def inputs_of_pictures(
    entries: Sequence[Entry],
    records: Mapping[str, ImageRecord],
    geometry: Geometry,
    manifest: Mapping[str, Any],
) -> Iterator[PathInput]:
    """Yield the pictures of some entries of `as_paths`, resized as frames of a property are.

    Parameters
    ----------
    entries
        Which pictures.
    records
        Image id → the picture.
    geometry
        The model's.
    manifest
        Of a property; its frames' shape counts for a model that takes frames as they are.
    """
    asked = [records[str(entry["image"])] for entry in entries]
    return picture_inputs(asked, picture_geometry(geometry, manifest["shape"]))


def as_paths(records: Mapping[str, ImageRecord]) -> dict[str, Any]:
    """Return pictures as a manifest of paths of one step."""
    entries = [
        {"image": record.id, "draw": 0, "checksum": record.sha256} for record in records.values()
    ]
    return {"shape": {"steps": 1}, "images": entries}
