"""The Zarr store of a property's paths, and how it survives a crash.

One store per property holds ``frames`` (image, step, y, x, c), ``axis`` (image, step) and
``unedited`` (image, y, x, c). Two small arrays make it resumable: ``fingerprint`` (image,
byte) is the SHA-256 of everything a path depends on, ``checksum`` (image, byte) the SHA-256
of what was made. The checksum is written last; all zeros mean "not done". A chunk holds one
path, so jobs that take different images never write the same file, and what frames have in
common is kept once. Its key is a file's name without folders, since many files are the first
limit of a cluster's disk.
A path with fewer steps than the store has is kept at the start of its row; the axis of the
others is NaN.
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
from zarr.codecs import ZstdCodec

from zollstock.errors import ZollstockError
from zollstock.paths import EditPath, PathShape

_DIGEST = 32  # bytes of SHA-256
_ARRAYS = {
    "frames": "uint8",
    "unedited": "uint8",
    "axis": "float64",
    "fingerprint": "uint8",
    "checksum": "uint8",
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


def plan_store(root: FilePath, shape: PathShape, image_ids: Sequence[str]) -> dict[str, int]:
    """Create a store, or fit an existing one to a new list of images.

    Images that the store already has keep their row, so that their finished paths stay;
    rows of images that are gone are given to new ones. A store of another shape is replaced.

    Parameters
    ----------
    root
        Folder of the store. Only one process may plan it at a time.
    shape
        Size of every path.
    image_ids
        The images of the study.

    Returns
    -------
    dict
        Image id → row.
    """
    group = _existing(root, shape)
    if group is None:
        if root.exists():
            shutil.rmtree(root)
        group = _create(root, shape, len(image_ids))
        rows: list[str | None] = list(image_ids)
    else:
        wanted = set(image_ids)
        old = [str(name) if name is not None else None for name in group.attrs["images"]]  # type: ignore[union-attr]
        rows = [name if name in wanted else None for name in old]
        new = [name for name in image_ids if name not in set(old)]
        for row, name in enumerate(rows):
            if name is None and new:
                # The marker goes first: a crash here leaves an unfinished row, not a wrong one.
                _array(group, "checksum")[row] = 0
                rows[row] = new.pop(0)
        rows += new
        for array in group.array_values():
            array.resize((len(rows), *array.shape[1:]))
    group.attrs["images"] = rows
    return {name: row for row, name in enumerate(rows) if name is not None}


def _existing(root: FilePath, shape: PathShape) -> zarr.Group | None:
    try:
        group = zarr.open_group(root, mode="r+")
        images = len(group.attrs["images"])  # type: ignore[arg-type]
    except (*_HARMED, OSError):
        return None
    if _sound(group, "frames") and _array(group, "frames").shape[1:] != (*shape, 3):
        return None
    harmed = [name for name in _ARRAYS if not _sound(group, name)]
    if harmed:
        # What describes an array can be written anew; checksums tell which paths fit it.
        _create_arrays(group, root, shape, images, harmed)
    return group


def _sound(group: zarr.Group, name: str) -> bool:
    try:
        return _array(group, name).dtype == _ARRAYS[name]
    except _HARMED:
        return False


def _create(root: FilePath, shape: PathShape, images: int) -> zarr.Group:
    group = zarr.create_group(root)
    _create_arrays(group, root, shape, images, _ARRAYS)
    return group


def _create_arrays(
    group: zarr.Group, root: FilePath, shape: PathShape, images: int, names: Iterable[str]
) -> None:
    """Describe arrays on disk, leaving what is there of their chunks."""
    steps, height, width = shape
    # Lossless. Its third level looks back over 2 MB, so that it finds what frames have in common;
    # Blosc cuts a path into smaller blocks first (benchmarks/disk.py).
    codec = ZstdCodec(level=3)
    arrays: dict[str, tuple[tuple[int, ...], ZstdCodec | None, tuple[str, ...]]] = {
        "frames": ((steps, height, width, 3), codec, ("step", "y", "x", "c")),
        "unedited": ((height, width, 3), codec, ("y", "x", "c")),
        "axis": ((steps,), None, ("step",)),
        "fingerprint": ((_DIGEST,), None, ("byte",)),
        "checksum": ((_DIGEST,), None, ("byte",)),
    }
    for name in names:
        of_one, compressor, dimensions = arrays[name]
        (root / name / "zarr.json").unlink(missing_ok=True)
        group.create_array(
            name,
            shape=(images, *of_one),
            chunks=(1, *of_one),
            dtype=_ARRAYS[name],
            fill_value=np.nan if name == "axis" else 0,
            compressors=compressor,
            chunk_key_encoding={"name": "default", "separator": "."},
            dimension_names=("image", *dimensions),
        )


class PathStore:
    """Reads and writes the paths of one property, a row at a time.

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
            # To look for chunks of zeros, which frames never are, takes a third of the writing.
            with zarr.config.set({"array.write_empty_chunks": True}):
                self.frames = _array(group, "frames")
            self.axis = _array(group, "axis")
            self.unedited = _array(group, "unedited")
            self._fingerprint = _array(group, "fingerprint")
            self._checksum = _array(group, "checksum")
        except _HARMED as error:
            raise ZollstockError(
                root,
                f"is no store of paths ({error})",
                "a Zarr store",
                "Run again with --forcerun plan_interventions.",
            ) from None

    @property
    def shape(self) -> PathShape:
        """Size of every path."""
        _, steps, height, width, _ = self.frames.shape
        return PathShape(steps, height, width)

    def frames_file(self, row: int) -> FilePath:
        """Return the file that holds the frames of a path."""
        return self.root / "frames" / self.frames.metadata.encode_chunk_key((row, 0, 0, 0, 0))

    def checksum(self, row: int) -> bytes | None:
        """Return the checksum of a finished path, None where it is not finished."""
        found = _values(self._checksum, row).tobytes()
        return found if any(found) else None

    def is_done(self, row: int, expected: bytes) -> bool:
        """Return whether the row holds a whole path with this fingerprint, unharmed on disk."""
        try:
            if _values(self._fingerprint, row).tobytes() != expected:
                return False
            done = self.checksum(row)
            return done is not None and path_checksum(self.read(row)) == done
        except Exception as error:  # any codec may complain about harmed bytes in its own way
            warnings.warn(f"{self.root}: row {row} cannot be read ({error})", stacklevel=2)
            return False

    def write(self, row: int, path: EditPath, made_from: bytes) -> bytes:
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
            if array.shape != place.shape[1:] or array.dtype != place.dtype:
                raise ZollstockError(
                    self.root,
                    f"got {name} of shape {array.shape} and type {array.dtype}",
                    f"shape {place.shape[1:]} and type {place.dtype}",
                    "This is a fault of the engine; report it.",
                )
        try:
            self._checksum[row] = np.zeros(_DIGEST, np.uint8)
            # Of a store made with shards: Zarr reads one before it replaces it, and stops at a
            # harmed one.
            self.frames_file(row).unlink(missing_ok=True)
            self.frames[row] = path.frames
            self.axis[row] = path.axis
            self.unedited[row] = path.unedited
            self._fingerprint[row] = np.frombuffer(made_from, np.uint8)
            self._checksum[row] = np.frombuffer(done, np.uint8)
        except OSError as error:
            raise ZollstockError(
                self.root,
                f"cannot be written ({error.strerror or error})",
                "room on a writable disk",
                "Free some space and run again; finished images are kept.",
            ) from None
        return done

    def _padded(self, path: EditPath) -> EditPath:
        missing = self.shape.steps - len(path.axis)
        if missing <= 0 or len(path.frames) != len(path.axis):
            return path
        nothing = np.zeros((missing, *path.frames.shape[1:]), path.frames.dtype)
        axis = np.concatenate([path.axis, np.full(missing, np.nan)])
        return EditPath(np.concatenate([path.frames, nothing]), axis, path.unedited)

    def read(self, row: int) -> EditPath:
        """Read one path, with the steps that it has."""
        axis = _values(self.axis, row)
        used = int(np.isfinite(axis).sum())
        return EditPath(_values(self.frames, row)[:used], axis[:used], _values(self.unedited, row))

    def read_checked(self, row: int, image: str, checksum: str) -> EditPath:
        """Read one path and compare it with its checksum (hexadecimal).

        Raises
        ------
        ZollstockError
            If the path was changed or harmed since it was made.
        """
        try:
            path = self.read(row)
            intact = path_checksum(path).hex() == checksum
        except Exception:  # any codec may complain about harmed bytes in its own way
            intact = False
        if not intact:
            raise ZollstockError(
                f"{self.root}, image {image}",
                "differs from what was written",
                f"checksum {checksum[:12]}…",
                "Run again with --forcerun intervene; intact paths are kept.",
            )
        return path


def iterate_paths(
    store: PathStore, images: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, EditPath]]:
    """Yield (image id, path) for a manifest's entries, each checked; failed ones are left out."""
    for entry in images:
        if "failed" in entry:
            continue
        yield entry["id"], store.read_checked(entry["row"], entry["id"], entry["checksum"])


def _array(group: zarr.Group, name: str) -> zarr.Array:
    array = group[name]
    if not isinstance(array, zarr.Array):
        raise KeyError(name)
    return array


def _values(array: zarr.Array, row: int) -> npt.NDArray[Any]:
    return np.asarray(array[row])
