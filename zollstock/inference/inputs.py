"""Frames at the size a model takes."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from zollstock.images.geometry import Geometry
from zollstock.paths import PathInput
from zollstock.store import PathStore, iterate_paths


def checked_inputs(
    store: FilePath, manifest: Mapping[str, Any], geometry: Geometry, threads: int = 1
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
            yield PathInput(entry["image"], frames, axis, entry["draw"])
