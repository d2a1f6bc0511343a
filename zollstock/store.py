"""The Zarr store of a property's paths, and how it survives a crash.

A store holds ``frames`` (image, draw, step, y, x, c), ``axis`` and ``distance`` (image, draw, step)
and ``unedited`` (image, draw, y, x, c). ``distance`` is the mean absolute pixel distance of each
frame to the unedited image. ``done`` (image, draw, byte) makes it resumable: the SHA-256 of
everything a path depends on, and behind it that of what was made. It is written last; all zeros
mean "not done". A chunk holds one path, so jobs that take different images never write the same
file, and what frames have in common is kept once. Its key is a file's name without folders,
since many files are the first limit of a cluster's disk.

A row belongs to an image and to what else its paths depend on (its variant). Rows and draws are
added and never taken away, so that paths are there when an image, or the number of draws, comes
back. A draw that was not made has no chunk. A path with fewer steps than the store has is kept at
the start of its place; the axis of the others is NaN.
"""

import hashlib
import json
import shutil
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr
from zarr.codecs import Crc32cCodec, ZstdCodec

from zollstock.errors import ZollstockError
from zollstock.paths import EditPath, PathShape, pixel_change

LAYOUT = 2
"""Counts up when a store is laid out in another way."""

_DIGEST = 32  # bytes of SHA-256
_ARRAYS = {
    "frames": "uint8",
    "unedited": "uint8",
    "axis": "float64",
    "distance": "float64",
    "done": "uint8",
}
# What Zarr raises on metadata that are lost or harmed.
_HARMED = (FileNotFoundError, KeyError, ValueError, TypeError, AttributeError)


def fingerprint(content: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of settings and inputs, independent of their order."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def path_checksum(path: EditPath) -> bytes:
    """Return the SHA-256 of a path's frames, axis and unedited image."""
    digest = hashlib.sha256()
    for array in (path.frames, path.axis, path.unedited):
        digest.update(repr((array.shape, array.dtype.str)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()


def plan_store(
    root: FilePath,
    shape: PathShape,
    image_ids: Sequence[str],
    draws: Sequence[int] = (0,),
    variants: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Create a store, or add to an existing one what it lacks.

    Parameters
    ----------
    root
        Folder of the store. Only one process may plan it at a time.
    shape
        Size of every path.
    image_ids
        The images of the study.
    draws
        Their draws, consecutive numbers.
    variants
        Image id → what else tells its row from others of that image.

    Returns
    -------
    dict
        Image id → row.

    Raises
    ------
    ZollstockError
        If a store of another layout or shape lies there.
    """
    keys = [(name, (variants or {}).get(name, "")) for name in image_ids]
    group = _existing(root, shape)
    if group is None:
        if root.exists():
            shutil.rmtree(root)
        group = _create(root, shape, len(keys), draws)
        rows = keys
    else:
        attrs: dict[str, Any] = dict(group.attrs)
        rows = list(zip(attrs["images"], attrs["variants"], strict=True))
        there = set(rows)
        rows += [key for key in keys if key not in there]
        if draws[0] != attrs["first_draw"]:
            raise ValueError(f"draws begin at {attrs['first_draw']}, not {draws[0]}")
        count = max(len(draws), _array(group, "frames").shape[1])
        for name in _ARRAYS:
            array = _array(group, name)
            array.resize((len(rows), count, *array.shape[2:]))
    images = [image for image, _ in rows]
    if not _has_coordinates(group, len(images)):
        _write_coordinates(group, images, draws[0])
    told: dict[str, Any] = {
        "layout": LAYOUT,
        "first_draw": draws[0],
        "images": images,
        "variants": [variant for _, variant in rows],
    }
    if dict(group.attrs) != told:
        group.attrs.update(told)
    place = {key: row for row, key in enumerate(rows)}
    return {key[0]: place[key] for key in keys}


def _existing(root: FilePath, shape: PathShape) -> zarr.Group | None:
    try:
        group = zarr.open_group(root, mode="r+")
        attrs: dict[str, Any] = dict(group.attrs)
        if "images" in attrs and attrs.get("layout") != LAYOUT:
            raise _other_layout(root)
        images = len(attrs["images"])
        len(attrs["variants"]), int(attrs["first_draw"])
    except (*_HARMED, OSError):
        return None
    harmed = [name for name in _ARRAYS if not _sound(group, name)]
    places = {_array(group, name).shape[1] for name in _ARRAYS if name not in harmed}
    if harmed:
        # What describes an array can be written anew; checksums tell which paths fit it.
        _create_arrays(group, root, shape, (images, max(places, default=1)), harmed)
    found = _array(group, "frames").shape[2:]
    if found != (*shape, 3):
        raise ZollstockError(
            root,
            f"holds paths of {found[0]} steps and {found[1]}×{found[2]} pixels",
            f"{shape.steps} steps and {shape.height}×{shape.width} pixels",
            "Move or remove the folder and run again.",
        )
    return group


def _other_layout(root: FilePath) -> ZollstockError:
    return ZollstockError(
        root,
        "is a store of an earlier version",
        f"layout {LAYOUT}, in which draws are a dimension",
        "Move or remove the folder and run again, or go on with the version that made it.",
    )


def _sound(group: zarr.Group, name: str) -> bool:
    try:
        return _array(group, name).dtype == _ARRAYS[name]
    except _HARMED:
        return False


def _create(root: FilePath, shape: PathShape, images: int, draws: Sequence[int]) -> zarr.Group:
    group = zarr.create_group(root)
    _create_arrays(group, root, shape, (images, len(draws)), _ARRAYS)
    return group


def _create_arrays(
    group: zarr.Group,
    root: FilePath,
    shape: PathShape,
    places: tuple[int, int],
    names: Iterable[str],
) -> None:
    """Describe arrays on disk, leaving what is there of their chunks."""
    steps, height, width = shape
    # Lossless. Its third level looks back over 2 MB, so that it finds what frames have in common;
    # Blosc cuts a path into smaller blocks first (benchmarks/disk.py).
    codec = ZstdCodec(level=3)
    arrays: dict[str, tuple[tuple[int, ...], Any, tuple[str, ...]]] = {
        "frames": ((steps, height, width, 3), codec, ("step", "y", "x", "c")),
        "unedited": ((height, width, 3), codec, ("y", "x", "c")),
        "axis": ((steps,), None, ("step",)),
        # It is read without the frames, whose checksum could not tell of harm.
        "distance": ((steps,), Crc32cCodec(), ("step",)),
        "done": ((2 * _DIGEST,), None, ("byte",)),
    }
    for name in names:
        of_one, compressor, dimensions = arrays[name]
        (root / name / "zarr.json").unlink(missing_ok=True)
        group.create_array(
            name,
            shape=(*places, *of_one),
            chunks=(1, 1, *of_one),
            dtype=_ARRAYS[name],
            fill_value=np.nan if _ARRAYS[name] == "float64" else 0,
            compressors=compressor,
            chunk_key_encoding={"name": "default", "separator": "."},
            dimension_names=("image", "draw", *dimensions),
        )


def _has_coordinates(group: zarr.Group, images: int) -> bool:
    try:
        draws = _array(group, "frames").shape[1]
        return (_array(group, "image").shape, _array(group, "draw").shape) == ((images,), (draws,))
    except _HARMED:
        return False


def _write_coordinates(group: zarr.Group, images: Sequence[str], first_draw: int) -> None:
    """Name the rows and the draws for whoever opens the store without this library."""
    count = _array(group, "frames").shape[1]
    draws = np.arange(first_draw, first_draw + count)
    names = np.array(images, dtype=np.dtypes.StringDType())
    for name, values, kind in (("image", names, "string"), ("draw", draws, "int64")):
        array = group.create_array(
            name,
            shape=values.shape,
            chunks=values.shape,
            dtype=kind,
            compressors=None,
            dimension_names=(name,),
            overwrite=True,
        )
        array[:] = values


class PathStore:
    """Reads and writes the paths of one property, one at a time.

    Parameters
    ----------
    root
        Folder of a store that `plan_store` made.
    writable
        Whether paths will be written.

    Raises
    ------
    ZollstockError
        If there is no such store.
    """

    def __init__(self, root: FilePath, *, writable: bool = False) -> None:
        self.root = root
        try:
            group = zarr.open_group(root, mode="r+" if writable else "r")
            attrs: dict[str, Any] = dict(group.attrs)
            if "images" in attrs and attrs.get("layout") != LAYOUT:
                raise _other_layout(root)
            self.first_draw = int(attrs["first_draw"])
            # To look for chunks of zeros, which frames never are, takes a third of the writing.
            with zarr.config.set({"array.write_empty_chunks": True}):
                self.frames = _array(group, "frames")
            self.axis = _array(group, "axis")
            self.unedited = _array(group, "unedited")
            self._distance = _array(group, "distance")
            self._done = _array(group, "done")
        except _HARMED as error:
            raise ZollstockError(
                root,
                f"is no store of paths ({error})",
                "a Zarr store",
                "Delete the property's .json files beside it and run again; paths that are whole "
                "are kept.",
            ) from None

    @property
    def shape(self) -> PathShape:
        """Size of every path."""
        _, _, steps, height, width, _ = self.frames.shape
        return PathShape(steps, height, width)

    def frames_file(self, row: int, draw: int | None = None) -> FilePath:
        """Return the file that holds the frames of a path; by default of the first draw."""
        place = self._place(row, self.first_draw if draw is None else draw)
        return self.root / "frames" / self.frames.metadata.encode_chunk_key((*place, 0, 0, 0, 0))

    def _place(self, row: int, draw: int) -> tuple[int, int]:
        return row, draw - self.first_draw

    def checksum(self, row: int, draw: int = 0) -> bytes | None:
        """Return the checksum of a finished path, None where it is not finished."""
        found = _values(self._done, self._place(row, draw))[_DIGEST:].tobytes()
        return found if any(found) else None

    def is_done(self, row: int, expected: bytes, draw: int = 0) -> bool:
        """Return whether a whole path with this fingerprint lies there, unharmed on disk."""
        try:
            made_from = _values(self._done, self._place(row, draw))[:_DIGEST].tobytes()
            if made_from != expected:
                return False
            done, path = self.checksum(row, draw), self.read(row, draw)
            if done is None or path_checksum(path) != done:
                return False
            if np.isfinite(self._changes(row, draw)).sum() != len(path.axis):
                # Lost, or of an earlier version: the frames are there, so it is measured again.
                self._distance[self._place(row, draw)] = self._measured(path)
            return True
        except Exception as error:  # any codec may complain about harmed bytes in its own way
            warnings.warn(f"{self.root}: row {row} cannot be read ({error})", stacklevel=2)
            return False

    def write(self, row: int, path: EditPath, made_from: bytes, draw: int = 0) -> bytes:
        """Write a path and mark it done; return its checksum.

        Raises
        ------
        ZollstockError
            If the path's shapes or types are not the store's, or the disk is full.
        """
        done = path_checksum(path)
        path = self._padded(path)
        for name in ("frames", "axis", "unedited"):
            array, place = getattr(path, name), getattr(self, name)
            # Zarr would convert and repeat what does not fit.
            if array.shape != place.shape[2:] or array.dtype != place.dtype:
                raise ZollstockError(
                    self.root,
                    f"got {name} of shape {array.shape} and type {array.dtype}",
                    f"shape {place.shape[2:]} and type {place.dtype}",
                    "This is a fault of the engine; report it.",
                )
        at = self._place(row, draw)
        distance = self._measured(path)
        try:
            self._done[at] = np.zeros(2 * _DIGEST, np.uint8)
            self.frames[at] = path.frames
            self.axis[at] = path.axis
            self.unedited[at] = path.unedited
            self._distance[at] = distance
            self._done[at] = np.frombuffer(made_from + done, np.uint8)
        except OSError as error:
            raise ZollstockError(
                self.root,
                f"cannot be written ({error.strerror or error})",
                "room on a writable disk",
                "Free some space and run again; finished images are kept.",
            ) from None
        return done

    def _measured(self, path: EditPath) -> npt.NDArray[np.float64]:
        """Return the distances of a path's frames, NaN where it has none; (S,)."""
        found = np.full(self.shape.steps, np.nan)
        used = np.flatnonzero(np.isfinite(path.axis))
        found[used] = pixel_change(path.frames[used], path.unedited)
        return found

    def _padded(self, path: EditPath) -> EditPath:
        missing = self.shape.steps - len(path.axis)
        if missing <= 0 or len(path.frames) != len(path.axis):
            return path
        nothing = np.zeros((missing, *path.frames.shape[1:]), path.frames.dtype)
        axis = np.concatenate([path.axis, np.full(missing, np.nan)])
        return EditPath(np.concatenate([path.frames, nothing]), axis, path.unedited)

    def read(self, row: int, draw: int = 0) -> EditPath:
        """Read one path, with the steps that it has."""
        at = self._place(row, draw)
        axis = _values(self.axis, at)
        used = int(np.isfinite(axis).sum())
        return EditPath(_values(self.frames, at)[:used], axis[:used], _values(self.unedited, at))

    def read_checked(self, row: int, image: str, checksum: str, draw: int = 0) -> EditPath:
        """Read one path and compare it with its checksum (hexadecimal).

        Raises
        ------
        ZollstockError
            If the path was changed or harmed since it was made.
        """
        try:
            path = self.read(row, draw)
            intact = path_checksum(path).hex() == checksum
        except Exception:  # any codec may complain about harmed bytes in its own way
            intact = False
        if not intact:
            raise self._harmed(image, f"checksum {checksum[:12]}…")
        return path

    def change(self, row: int, image: str, draw: int = 0) -> npt.NDArray[np.float64]:
        """Return the mean absolute pixel distance of each frame to the unedited image; (S,).

        Raises
        ------
        ZollstockError
            If it was lost or harmed since the path was made.
        """
        try:
            used = np.isfinite(_values(self.axis, self._place(row, draw)))
            found = self._changes(row, draw)
            intact = used.any() and bool((np.isfinite(found) == used).all())
        except Exception:  # any codec may complain about harmed bytes in its own way
            intact = False
        if not intact:
            raise self._harmed(image, "a change per frame")
        return found[used]

    def _changes(self, row: int, draw: int) -> npt.NDArray[np.float64]:
        return _values(self._distance, self._place(row, draw))

    def _harmed(self, image: str, expected: str) -> ZollstockError:
        return ZollstockError(
            f"{self.root}, image {image}",
            "differs from what was written",
            expected,
            "Run again with --forcerun intervene; intact paths are kept.",
        )


def iterate_paths(
    store: PathStore, images: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, EditPath]]:
    """Yield (image id, path) for a manifest's entries, each checked; failed ones are left out."""
    for entry in images:
        if "failed" not in entry:
            yield (
                entry["image"],
                store.read_checked(entry["row"], entry["image"], entry["checksum"], entry["draw"]),
            )


def changes_of(store: FilePath, entries: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], Any]:
    """Return (image, draw) → `PathStore.change`, for a manifest's entries but failed ones."""
    opened = PathStore(store)
    return {
        (entry["image"], entry["draw"]): opened.change(entry["row"], entry["image"], entry["draw"])
        for entry in entries
        if "failed" not in entry
    }


def _array(group: zarr.Group, name: str) -> zarr.Array:
    array = group[name]
    if not isinstance(array, zarr.Array):
        raise KeyError(name)
    return array


def _values(array: zarr.Array, place: tuple[int, int]) -> npt.NDArray[Any]:
    return np.asarray(array[place])
