"""Run all checkpoints of one training on the frames of properties, which are read once."""

from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch

from zollstock.devices import choose_device
from zollstock.errors import ZollstockError
from zollstock.files import write_json
from zollstock.images.table import read_table
from zollstock.inference.fingerprint import model_fingerprint
from zollstock.inference.inputs import inputs_of_paths
from zollstock.inference.kept import Entry, notes_of
from zollstock.inference.predictions import Predictions
from zollstock.inference.run import Runner
from zollstock.inference.series import KeptSeries, write_series
from zollstock.jobs.infer import as_paths, inputs_of_pictures
from zollstock.manifests import read_manifest, store_of
from zollstock.models.card import check_checkpoints, load_model
from zollstock.models.checkpoints import Checkpoint
from zollstock.models.weights import read_weights
from zollstock.paths import PathInput
from zollstock.progress import Progress

HELD = 256 * 2**20
"""About how many bytes of frames are held at a time."""


def predict_series(
    *,
    model: str,
    checkpoints: Sequence[Checkpoint],
    key: str | None,
    manifests: Sequence[Path],
    predictions: Sequence[Path],
    images: Path,
    pixels: Path,
    pictures: Path,
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
    """Write what every checkpoint says along all paths of several properties.

    What a checkpoint, known by the checksum of its weights, has predicted before is kept.

    Parameters
    ----------
    checkpoints
        In their order.
    key
        Which weights of a user's file are meant, where several fit.
    weights, card
        The model of the last one; its network is the others', too.
    model, manifests, predictions, images, pixels, pictures, code, note
        See `zollstock.jobs.infer.infer`; groups have the dimension checkpoint in front.
    device, batch_size, precision, shared, threads
        How the model is run; see `zollstock.inference.run.Runner`.
    """
    torch.set_num_threads(threads)
    check_checkpoints(card, checkpoints)
    kind = choose_device(device).type
    how = {"device": kind, "precision": precision, "batch_size": batch_size}
    made_by = [model_fingerprint(Path(one.file), card, code, how) for one in checkpoints]
    records = {record.id: record for record in read_table(images, pixels)}
    told = [read_manifest(file) for file in manifests]
    every = [
        KeptSeries(root, made_by, manifest)
        for manifest, root in zip([*told, as_paths(records)], [*predictions, pictures], strict=True)
    ]

    @cache
    def runner() -> Runner:
        """Return the network, loaded when there is something to predict."""
        options: dict[str, Any] = how | {"device": device, "shared": shared}
        return Runner(load_model(weights, card), **options)

    def read(place: int, entries: Sequence[Entry]) -> Iterator[PathInput]:
        if not entries:
            return iter(())
        geometry = runner().model.geometry
        if place == len(told):
            return inputs_of_pictures(entries, records, geometry, told[0])
        store = store_of(manifests[place])
        return inputs_of_paths(store, told[place], entries, geometry, records, threads)

    total = sum(
        len(kept.missing(number)) * (kept.origin.steps + 1)
        for kept in every
        for number in range(len(checkpoints))
    )
    with Progress(model, total) as count:

        def said(number: int, inputs: Sequence[PathInput]) -> Iterator[Predictions]:
            one = checkpoints[number]
            runner().load(read_weights(Path(one.file)), Path(one.file), key)
            try:
                yield from runner().predict(inputs, count)
            except ZollstockError as error:
                where = f"checkpoint {one.name}: {error.where}"
                raise ZollstockError(where, error.found, error.expected, error.fix) from None

        for place, kept in enumerate(every):
            if not kept.complete:
                shape = told[min(place, len(told) - 1)]["shape"]
                frame = 3 * shape["height"] * shape["width"]
                block = max(1, HELD // (frame * (kept.origin.steps + 1)))
                write_series(kept, checkpoints, block, partial(read, place), said)
    write_json(notes_of(every), note)
