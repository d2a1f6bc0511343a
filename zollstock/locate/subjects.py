"""What is located in: a picture at a model's input size, its paths, its placebos, its masks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.images.geometry import Geometry
from zollstock.images.table import ImageRecord
from zollstock.inference.inputs import inputs_of_paths, picture_geometry, picture_inputs
from zollstock.paths import EditPath, PathInput

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Walk:
    """A path's frames in order, unused steps left out.

    Attributes
    ----------
    frames
        uint8, (S, H, W, 3), S ≥ 2.
    axis
        The property's value at each, (S,).
    checksum
        Of the path, as its manifest has it.
    """

    frames: Picture
    axis: npt.NDArray[np.float64]
    checksum: str

    @property
    def start(self) -> Picture:
        """The first frame, (H, W, 3)."""
        return self.frames[0]

    @property
    def end(self) -> Picture:
        """The last frame, (H, W, 3)."""
        return self.frames[-1]

    def thinned(self, number: int) -> Picture:
        """Return frames at equal distances, the first and the last among them, at most `number`."""
        count = min(number, len(self.frames))
        places = np.linspace(0, len(self.frames) - 1, count).round().astype(np.intp)
        return self.frames[np.unique(places)]


@dataclass(frozen=True)
class Subject:
    """One image as a model sees it.

    Attributes
    ----------
    record
        The image.
    picture
        The unedited picture, uint8, (H, W, 3).
    walks
        Property → path; those that failed are left out.
    placebos
        Property → placebo paths of the same image, by their draw.
    """

    record: ImageRecord
    picture: Picture
    walks: Mapping[str, Walk] = field(default_factory=dict)
    placebos: Mapping[str, Mapping[int, Walk]] = field(default_factory=dict)


def read_subject(
    record: ImageRecord,
    geometry: Geometry,
    properties: Mapping[str, tuple[Mapping[str, Any], Path]],
    placebos: Mapping[str, tuple[Mapping[str, Any], Path]],
    number: int,
    records: Mapping[str, ImageRecord],
) -> Subject:
    """Read an image's picture and paths, resized as the model takes them.

    Parameters
    ----------
    record
        The image.
    geometry
        The model's.
    properties, placebos
        Property → manifest and store of its paths, and of the placebos it is compared with.
    number
        How many placebos are read of each, those with the lowest draws.
    records
        Image id → image.
    """
    walks, beside = {}, {}
    for name, (manifest, store) in properties.items():
        entries = _entries(manifest, record.id, [0])
        for walk in _walks(manifest, store, entries, geometry, records).values():
            walks[name] = walk
    for name, (manifest, store) in placebos.items():
        if name in walks:
            entries = _entries(manifest, record.id)[:number]
            beside[name] = _walks(manifest, store, entries, geometry, records)
    if walks:
        height, width = next(iter(walks.values())).start.shape[:2]
        geometry = picture_geometry(geometry, {"height": height, "width": width})
    (still,) = picture_inputs([record], geometry)
    return Subject(record, still.frames[0], walks, beside)


def _entries(
    manifest: Mapping[str, Any], image: str, draws: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Return the finished paths of an image, by draw."""
    found = [
        entry
        for entry in manifest["images"]
        if entry["image"] == image
        and "failed" not in entry
        and (draws is None or entry["draw"] in draws)
    ]
    return sorted(found, key=lambda entry: int(entry["draw"]))


def _walks(
    manifest: Mapping[str, Any],
    store: Path,
    entries: list[dict[str, Any]],
    geometry: Geometry,
    records: Mapping[str, ImageRecord],
) -> dict[int, Walk]:
    inputs = inputs_of_paths(store, manifest, entries, geometry, records)
    return {
        path.draw: walk
        for entry, path in zip(entries, inputs, strict=True)
        if (walk := _walk(path, str(entry["checksum"]))) is not None
    }


def in_order(axis: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Return the order in which frames stand: as made if they rise or fall, else rising."""
    steps = np.diff(axis)
    if (steps > 0).all() or (steps < 0).all():
        return np.arange(len(axis))
    return np.argsort(axis, kind="stable")


def walk_of(path: EditPath, geometry: Geometry) -> Walk:
    """Return a path that is at hand as a model takes it."""
    order = in_order(path.axis)
    return Walk(geometry.apply(path.frames[order]), path.axis[order], "")


def ends_of(path: EditPath) -> tuple[Picture, Picture]:
    """Return the first and the last frame of a path, (H, W, 3) each; see `in_order`."""
    order = in_order(path.axis)
    return path.frames[order[0]], path.frames[order[-1]]


def _walk(path: PathInput, checksum: str) -> Walk | None:
    """Return a path's used frames, see `in_order`; None of fewer than two."""
    used = np.flatnonzero(np.isfinite(path.axis))
    if len(used) < 2:
        return None
    used = used[in_order(path.axis[used])]
    return Walk(path.frames[used], path.axis[used], checksum)
