"""Predictions of all checkpoints of a training: one Zarr group per property and model.

The arrays are those of `zollstock.inference.predictions` with the dimension checkpoint in front.
What a checkpoint has said of a path is kept, whatever else is new: other checkpoints, other paths.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.inference.kept import Entry, Kept, label_of, one_path
from zollstock.inference.predictions import Predictions, coordinate, joined, reading
from zollstock.inference.seals import write_seal
from zollstock.models.checkpoints import Checkpoint
from zollstock.paths import PathInput

_DIMENSIONS = {
    "logits": ("checkpoint", "path", "step", "class"),
    "probabilities": ("checkpoint", "path", "step", "class"),
    "unedited_logits": ("checkpoint", "path", "class"),
    "unedited_probabilities": ("checkpoint", "path", "class"),
}
Read = Callable[[Sequence[Entry]], Iterable[PathInput]]
"""From entries to their frames."""
Said = Callable[[int, Sequence[PathInput]], Iterator[Predictions]]
"""From the place of a checkpoint and frames to its predictions, path by path."""


class KeptSeries(Kept):
    """What checkpoints have said before of the paths of a property.

    Parameters
    ----------
    root, manifest
        See `zollstock.inference.kept.Kept`.
    models
        Fingerprint of each checkpoint. What one of another fingerprint made is not taken.
    """

    def __init__(self, root: Path, models: Sequence[str], manifest: Mapping[str, Any]) -> None:
        super().__init__(root, " ".join(models), manifest)
        self._models = list(models)
        there = [] if self.before is None else self.before.model.split(" ")
        self._places = {name: place for place, name in enumerate(there)}

    def known(self, place: int, entry: Entry) -> tuple[int, int] | None:
        """Return where a checkpoint's predictions of a path are: its place there, and the row."""
        there, row = self._places.get(self._models[place]), self.row(entry)
        return None if there is None or row is None else (there, row)

    def missing(self, place: int) -> list[Entry]:
        """Return the entries that a checkpoint has not seen."""
        return [entry for entry in self.entries if self.known(place, entry) is None]

    def lacking(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return those of some entries that any checkpoint has not seen."""
        every = range(len(self._models))
        return [e for e in entries if any(self.known(place, e) is None for place in every)]

    def whole(
        self, place: int, entries: Sequence[Entry], new: Iterator[Predictions]
    ) -> Predictions:
        """Return a checkpoint's predictions of some entries, in their order.

        Parameters
        ----------
        place
            Of the checkpoint.
        entries
            In the manifest's order.
        new
            Those that it has not seen, in their order.
        """
        at = [self.known(place, entry) for entry in entries]
        there = next((found[0] for found in at if found is not None), None)
        old = None if there is None else _read(self.root, there)
        return joined(
            next(new) if found is None or old is None else one_path(old, found[1], entry)
            for found, entry in zip(at, entries, strict=True)
        )


def write_series(
    kept: KeptSeries, checkpoints: Sequence[Checkpoint], block: int, read: Read, said: Said
) -> None:
    """Write what all checkpoints say of a property's paths; what is there is replaced at the end.

    Parameters
    ----------
    kept
        What is known already, and where to write.
    checkpoints
        In the order of their dimension, K of them.
    block
        How many paths are held at a time.
    read
        Asked once a block for the frames that any checkpoint has not seen.
    said
        Asked for what each checkpoint says of those that are new to it.
    """
    import zarr

    fresh = kept.root.with_name(f"{kept.root.name}.new")
    group = zarr.create_group(fresh, overwrite=True)
    count = len(kept.entries)
    last: Predictions | None = None
    try:
        for first in range(0, count, block):
            entries = kept.entries[first : first + block]
            lacking = kept.lacking(entries)
            frames = dict(zip(map(label_of, lacking), read(lacking), strict=True))
            for place in range(len(checkpoints)):
                asked = [e for e in lacking if kept.known(place, e) is None]
                new = [frames[label_of(entry)] for entry in asked]
                found = kept.whole(place, entries, said(place, new) if new else iter(()))
                if last is None:
                    _create(group, found, len(checkpoints), count, min(block, count))
                for name in _DIMENSIONS:
                    group[name][place, first : first + len(entries)] = getattr(found, name)  # type: ignore[index]
                group["axis"][first : first + len(entries)] = found.axis  # type: ignore[index]
                last = found
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if last is None:
        raise ValueError("no path to predict")
    images = [str(entry["image"]) for entry in kept.entries]
    draws = [int(entry["draw"]) for entry in kept.entries]
    names = [one.name for one in checkpoints]
    texts = np.dtypes.StringDType()
    coordinate(group, "checkpoint", "checkpoint", np.array(names, dtype=texts))
    coordinate(group, "epoch", "checkpoint", np.array([one.epoch for one in checkpoints]))
    coordinate(group, "image", "path", np.array(images, dtype=texts))
    coordinate(group, "draw", "path", np.array(draws))
    coordinate(group, "class", "class", np.array(list(last.classes), dtype=texts))
    told: dict[str, Any] = {"checkpoints": names, "classes": list(last.classes)}
    group.attrs.update(told | {"images": images, "draws": draws, "facts": last.facts})
    write_seal(fresh, kept.origin)
    shutil.rmtree(kept.root, ignore_errors=True)
    fresh.rename(kept.root)


def of_checkpoint(root: Path, place: int) -> Predictions:
    """Return what one checkpoint says along all paths of a property.

    Raises
    ------
    ZollstockError
        If the group is missing, incomplete or changed since it was written.
    """
    with reading(root):
        return _read(root, place)


def _read(root: Path, place: int) -> Predictions:
    import zarr

    group = zarr.open_group(root, mode="r")
    attrs: dict[str, Any] = dict(group.attrs)
    arrays: dict[str, Any] = {name: np.asarray(group[name][place]) for name in _DIMENSIONS}  # type: ignore[index]
    axis: npt.NDArray[np.float64] = np.asarray(group["axis"])
    images = [str(name) for name in attrs["images"]]
    draws = [int(draw) for draw in attrs["draws"]]
    classes = tuple(str(name) for name in attrs["classes"])
    return Predictions(images, classes, axis, facts=dict(attrs["facts"]), draws=draws, **arrays)


def _create(group: Any, like: Predictions, checkpoints: int, count: int, block: int) -> None:  # noqa: ANN401
    for name, dimensions in _DIMENSIONS.items():
        values = getattr(like, name)
        group.create_array(
            name,
            shape=(checkpoints, count, *values.shape[1:]),
            chunks=(1, block, *values.shape[1:]),
            dtype=values.dtype,
            dimension_names=dimensions,
        )
    group.create_array(
        "axis",
        shape=(count, like.axis.shape[1]),
        chunks=(block, like.axis.shape[1]),
        dtype=like.axis.dtype,
        dimension_names=("path", "step"),
    )
