"""Filling a store: the paths that are not there yet, each made once."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from zollstock.draws import drawn_records
from zollstock.engines.base import Engine, FailedPath, StepDone
from zollstock.images.table import ImageRecord
from zollstock.seeds import seed_for
from zollstock.store import PathStore, fingerprint


def produce_paths(
    engine: Engine,
    settings: Mapping[str, Any],
    images: Sequence[ImageRecord],
    store: PathStore,
    rows: Mapping[str, int],
    *,
    seed: tuple[object, ...],
    frames_done: StepDone,
) -> list[dict[str, Any]]:
    """Make the missing paths of `images` and return their entries of the manifest.

    A path is kept if its fingerprint (engine, settings, image, inputs, seed) is the same and
    its bytes are unharmed; otherwise it is made again. A path that cannot be made is entered
    with the reason under ``failed``, and the others go on.

    Parameters
    ----------
    engine
        Makes the paths.
    settings
        What the engine was constructed from; part of the fingerprint.
    images
        The images of this job.
    store
        Where paths go. No other job may write the rows of these images.
    rows
        Image id → row.
    seed
        Names the draw together with the image id.
    frames_done
        Called with the number of frames finished.
    """
    entries = []
    for image in images:
        row = rows[image.id]
        path_seed = seed_for(*seed, image.id)
        made_from = fingerprint(
            {
                "engine": settings["engine"],
                "version": engine.version,
                "settings": dict(settings),
                "image": image.sha256,
                "inputs": engine.inputs(image),
                "seed": path_seed,
            }
        )
        if store.is_done(row, made_from):
            frames_done(store.shape.steps)
        else:
            try:
                path = engine.path(image, path_seed, frames_done)
            except FailedPath as reason:
                print(f"{image.id}: failed, {reason}", file=sys.stderr, flush=True)
                entries.append({"id": image.id, "row": row, "failed": str(reason)})
                continue
            store.write(row, path, made_from)
        checksum = store.checksum(row)
        assert checksum is not None, "a path was just written"
        entries.append(
            {
                "id": image.id,
                "row": row,
                "fingerprint": made_from.hex(),
                "checksum": checksum.hex(),
            }
        )
    return entries


def produce_draws(
    engine: Engine,
    settings: Mapping[str, Any],
    images: Sequence[ImageRecord],
    draws: Sequence[int],
    store: PathStore,
    rows: Mapping[str, int],
    *,
    seed: tuple[object, ...],
    frames_done: StepDone,
    enough: Callable[[str, dict[str, Any]], bool],
) -> list[dict[str, Any]]:
    """Make the draws of each image in order, until there are enough of that image.

    Parameters
    ----------
    draws
        Their numbers.
    enough
        Asked after each draw with the image's id and the draw's entry of the manifest.
    engine, settings, images, store, rows, seed, frames_done
        As in `produce_paths`.
    """
    entries = []
    for image in images:
        left = len(draws)
        for record in drawn_records([image], draws):
            entries += produce_paths(
                engine, settings, [record], store, rows, seed=seed, frames_done=frames_done
            )
            left -= 1
            if enough(image.id, entries[-1]):
                frames_done(left * store.shape.steps)
                break
    return entries
