"""Filling a store: the paths that are not there yet, each made once."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from zollstock.draws import drawn_records
from zollstock.engines.base import Engine, FailedPath, StepDone, TakesSize, Unmatched, make_paths
from zollstock.images.table import ImageRecord
from zollstock.seeds import seed_for
from zollstock.store import PathStore, change_checksum, fingerprint

_HOW_FINE = {"start", "stop", "steps", "budget", "tolerance", "dtype", "attention", "watched"}
"""Keys that say how far and how finely a path goes. Its seed does not hang on them, so that frames
at one value of the axis can be compared, whatever the others are."""


def path_seed(study: int, settings: Mapping[str, Any], image: str, draw: int) -> int:
    """Return the seed of one path, from what is drawn: no name of a property is part of it.

    Parameters
    ----------
    study
        The study's seed.
    settings
        Of the engine.
    image, draw
        The image's id, and the number of the draw.
    """
    return seed_for(study, "path", fingerprint(_drawn_by(settings)).hex(), image, draw)


def _drawn_by(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _drawn_by(value) if isinstance(value, Mapping) else value
        for key, value in settings.items()
        if key not in _HOW_FINE
    }


def produce_paths(
    engine: Engine,
    settings: Mapping[str, Any],
    images: Sequence[ImageRecord],
    store: PathStore,
    rows: Mapping[str, int],
    *,
    seed: int,
    frames_done: StepDone,
) -> list[dict[str, Any]]:
    """Make the missing paths of `images` and return their entries of the manifest.

    A path is kept if its fingerprint (engine, settings, image, inputs, seed) is the same and
    its bytes are unharmed; otherwise it is made again. Those to be made are handed to the engine
    together, and each is written as soon as it is whole. A path that cannot be made is entered
    with the reason under ``failed``, and the others go on.

    Parameters
    ----------
    engine
        Makes the paths.
    settings
        What the engine was constructed from; part of the fingerprint.
    images
        The images of this job, a record per draw.
    store
        Where paths go. No other job may write the rows of these images.
    rows
        Image id → row.
    seed
        The study's seed.
    frames_done
        Called with the number of frames finished.
    """
    if isinstance(engine, TakesSize):
        engine.take_size(store.shape.height, store.shape.width)
    seeds = [path_seed(seed, settings, image.id, image.draw) for image in images]
    made_from = [
        fingerprint(
            {
                "engine": settings["engine"],
                "version": engine.version,
                "settings": dict(settings),
                "image": image.sha256,
                "inputs": engine.inputs(image),
                "seed": path_seed,
            }
        )
        for image, path_seed in zip(images, seeds, strict=True)
    ]
    missing = []
    for place, image in enumerate(images):
        if store.is_done(rows[image.id], made_from[place], image.draw):
            frames_done(store.shape.steps)
        else:
            missing.append(place)
    failed: dict[int, FailedPath] = {}
    wanted = [images[place] for place in missing]
    paths = make_paths(engine, wanted, [seeds[place] for place in missing], frames_done)
    for place, path in zip(missing, paths, strict=True):
        image = images[place]
        if isinstance(path, FailedPath):
            failed[place] = path
            if not isinstance(path, Unmatched):  # of these there are many, and no fault in any
                print(f"{_name(image)}: failed, {path}", file=sys.stderr, flush=True)
        else:
            store.write(rows[image.id], path, made_from[place], image.draw)
    entries = []
    for place, image in enumerate(images):
        row = rows[image.id]
        entry: dict[str, Any] = {"image": image.id, "draw": image.draw, "row": row}
        if place in failed:
            entry["failed"] = str(failed[place])
            if isinstance(failed[place], Unmatched):
                entry["unmatched"] = True
        else:
            checksum = store.checksum(row, image.draw)
            assert checksum is not None, "a path was just written"
            entry["fingerprint"] = made_from[place].hex()
            entry["checksum"] = checksum.hex()
            change = store.change(row, image.id, image.draw)
            entry["change"] = change_checksum(change)
            entry["size"] = float(f"{change.max():.6g}")
        entries.append(entry)
    return entries


def _name(image: ImageRecord) -> str:
    return f"{image.id}, draw {image.draw}" if image.draw else image.id


def produce_draws(
    engine: Engine,
    settings: Mapping[str, Any],
    images: Sequence[ImageRecord],
    draws: Sequence[int],
    store: PathStore,
    rows: Mapping[str, int],
    *,
    seed: int,
    frames_done: StepDone,
    needed: Callable[[str, list[dict[str, Any]]], int],
) -> Iterator[list[dict[str, Any]]]:
    """Make the draws of each image in order, until there are enough of that image.

    Parameters
    ----------
    draws
        Their numbers.
    needed
        Asked with an image's id and the entries that are new since the last question, how many
        more draws this image needs at least. They are made together.
    engine, settings, images, store, rows, seed, frames_done
        As in `produce_paths`.

    Yields
    ------
    list
        The entries of one image.
    """
    for image in images:
        entries: list[dict[str, Any]] = []
        new: list[dict[str, Any]] = []
        while len(entries) < len(draws):
            count = min(needed(image.id, new), len(draws) - len(entries))
            if not count:
                break
            records = drawn_records([image], draws[len(entries) : len(entries) + count])
            new = produce_paths(
                engine, settings, records, store, rows, seed=seed, frames_done=frames_done
            )
            entries += new
        frames_done((len(draws) - len(entries)) * store.shape.steps)
        yield entries
