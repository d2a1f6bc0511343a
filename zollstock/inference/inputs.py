"""Frames at the size a model takes: resized once for all models that share a geometry."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec

from zollstock.images.geometry import Geometry
from zollstock.paths import PathInput
from zollstock.store import PathStore, iterate_paths


def checked_inputs(
    store: FilePath, manifest: Mapping[str, Any], geometry: Geometry
) -> Iterator[PathInput]:
    """Yield the resized paths of a store in manifest order, each checked for harm."""
    opened = PathStore(store)
    steps, height, width = opened.shape
    for entry in manifest["images"]:
        frames = np.zeros((steps + 1, height, width, 3), np.uint8)
        axis = np.full(steps, np.nan)
        for _, path in iterate_paths(opened, [entry]):
            used = len(path.axis)
            frames[:used], frames[-1], axis[:used] = path.frames, path.unedited, path.axis
        yield PathInput(entry["id"], geometry.apply(frames), axis)


def write_inputs(root: FilePath, inputs: Iterable[PathInput], count: int) -> None:
    """Keep resized paths in a Zarr group: ``frames`` (image, step, y, x, c) and ``axis``."""
    group = zarr.create_group(root, overwrite=True)
    names = []
    for row, (image, frames, axis) in enumerate(inputs):
        if row == 0:
            group.create_array(
                "frames",
                shape=(count, *frames.shape),
                chunks=(1, *frames.shape),
                dtype="uint8",
                # Read once per model: speed counts more than size.
                compressors=BloscCodec(cname="lz4", clevel=1, shuffle="noshuffle"),
                dimension_names=("image", "step", "y", "x", "c"),
            )
            group.create_array(
                "axis",
                shape=(count, len(axis)),
                chunks=(1, len(axis)),
                dtype="float64",
                compressors=None,
                dimension_names=("image", "step"),
            )
        group["frames"][row] = frames  # type: ignore[index]
        group["axis"][row] = axis  # type: ignore[index]
        names.append(image)
    group.attrs["images"] = names


def read_inputs(root: FilePath) -> Iterator[PathInput]:
    """Yield what `write_inputs` kept."""
    group = zarr.open_group(root, mode="r")
    frames, axis = group["frames"], group["axis"]
    for row, image in enumerate(group.attrs["images"]):  # type: ignore[arg-type]
        yield PathInput(str(image), np.asarray(frames[row]), np.asarray(axis[row]))  # type: ignore[index]
