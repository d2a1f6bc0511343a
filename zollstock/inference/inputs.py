"""Frames at the size a model takes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from zollstock.images.geometry import Geometry
from zollstock.images.table import ImageRecord
from zollstock.paths import PathInput
from zollstock.store import PathStore, iterate_paths


def picture_inputs(images: Iterable[ImageRecord], geometry: Geometry) -> Iterator[PathInput]:
    """Yield each picture of a study as a path of one step, resized once, from its own size."""
    for image in images:
        picture = geometry.apply(image.pixels()[None])
        yield PathInput(image.id, np.concatenate([picture, picture]), np.zeros(1))


def picture_geometry(geometry: Geometry, shape: Mapping[str, int]) -> Geometry:
    """Return how pictures get to a model that takes frames as they are: to the frames' shape."""
    if geometry.size is not None:
        return geometry
    return replace(geometry, size=(shape["height"], shape["width"]))


def inputs_of_paths(
    store: FilePath,
    manifest: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    geometry: Geometry,
    records: Mapping[str, ImageRecord],
    threads: int = 1,
) -> Iterator[PathInput]:
    """Yield the resized paths of some entries of a manifest; see `checked_inputs`.

    Parameters
    ----------
    store, manifest, entries
        A property's paths, and which of them.
    geometry, threads
        As in `checked_inputs`.
    records
        Image id → the picture, which some properties put before the frames.
    """
    before = records if manifest["settings"].get("prepend_original") else None
    yield from checked_inputs(store, {"images": entries}, geometry, threads, before)


def checked_inputs(
    store: FilePath,
    manifest: Mapping[str, Any],
    geometry: Geometry,
    threads: int = 1,
    before: Mapping[str, ImageRecord] | None = None,
) -> Iterator[PathInput]:
    """Yield the resized paths of a store in manifest order, each checked for harm.

    Parameters
    ----------
    store, manifest
        A property's paths; of the manifest the entries ``images``.
    geometry
        The model's.
    threads
        How many resize at once: Pillow lets go of Python's lock while it works.
    before
        Image id → the picture that was put before the frames, at their size. The model sees it
        resized once, from its own size, as it would see it alone.
    """
    opened = PathStore(store)
    steps, height, width = opened.shape
    with ThreadPoolExecutor(threads) as pool:
        for entry in manifest["images"]:
            frames = np.zeros((steps + 1, height, width, 3), np.uint8)
            axis = np.full(steps, np.nan)
            for _, path in iterate_paths(opened, [entry]):
                used = len(path.axis)
                frames[:used], frames[-1], axis[:used] = path.frames, path.unedited, path.axis
            if geometry.size is not None:
                shares = np.array_split(frames, min(threads, len(frames)))
                frames = np.concatenate(list(pool.map(geometry.apply, shares)))
                if before and np.isfinite(axis).any():
                    frames[[0, -1]] = geometry.apply(before[entry["image"]].pixels()[None])
            yield PathInput(entry["image"], frames, axis, entry["draw"])
