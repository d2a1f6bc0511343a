"""The Zarr store of a property's paths, and how it survives a crash.

A store holds ``frames`` (image, draw, step, y, x, c), ``axis`` and ``change`` (image, draw, step)
and ``unedited`` (image, draw, y, x, c). Paths that are a function of the unedited picture and of a
few numbers have these in ``recipe`` (image, draw), and no frames: readers make the frames again
(`zollstock.recipes`), and compare their checksum as ever. Their unedited picture is kept once a
row, at its first draw. ``change`` is the mean absolute pixel distance of each
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
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from zollstock import recipes
from zollstock.errors import ZollstockError
from zollstock.layout import DIGEST, HARMED, LAYOUT, RECIPE, array_of, other_layout
from zollstock.layout import plan_store as plan_store  # those who fill a store take it from here
from zollstock.manifests import read_manifest
from zollstock.paths import EditPath, PathShape, pixel_change

REMEDY = (
    "Run again with --forcerun plan_interventions intervene make_placebos (of a calibration: "
    "calibrate_edits); paths that are whole are kept. Of an archive, unpack it again."
)
"""How what is lost or harmed in a store is made again."""


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


def change_checksum(change: npt.NDArray[np.float64]) -> str:
    """Return the SHA-256, hexadecimal, of how far each frame is from the unedited image."""
    return hashlib.sha256(np.ascontiguousarray(change).tobytes()).hexdigest()


class PathStore:
    """Reads and writes the paths of one property, one at a time.

    Parameters
    ----------
    root
        Folder of a store that `plan_store` made.
    writable
        Whether paths will be written.
    shape
        What every path should have, where it is known.

    Raises
    ------
    ZollstockError
        If there is no such store, or it is one of another shape.
    """

    def __init__(
        self,
        root: FilePath,
        *,
        writable: bool = False,
        shape: Mapping[str, int] | None = None,
    ) -> None:
        self.root = root
        try:
            group = zarr.open_group(root, mode="r+" if writable else "r")
            attrs: dict[str, Any] = dict(group.attrs)
            if "images" in attrs and attrs.get("layout") != LAYOUT:
                raise other_layout(root)
            self.first_draw = int(attrs["first_draw"])
            # To look for chunks of zeros, which frames never are, takes a third of the writing.
            with zarr.config.set({"array.write_empty_chunks": True}):
                self.frames = array_of(group, "frames")
            self.axis = array_of(group, "axis")
            self.unedited = array_of(group, "unedited")
            self._change = array_of(group, "change")
            self._done = array_of(group, "done")
            # Where it is lost, paths have no frames, as their checksums say.
            self._recipes = array_of(group, RECIPE) if RECIPE in group else None
            self._check_shapes(shape)
        except HARMED as error:
            raise ZollstockError(
                root, f"is no store of paths ({error})", "a Zarr store", REMEDY
            ) from None

    def _check_shapes(self, shape: Mapping[str, int] | None) -> None:
        """Raise ValueError where the arrays are described as if of other stores."""
        *places, steps, height, width, _ = self.frames.shape
        if shape is not None and self.shape != PathShape(**shape):
            raise ValueError(f"its frames have the shape {self.frames.shape}")
        for name, of_one in {
            "frames": (steps, height, width, 3),
            "unedited": (height, width, 3),
            "axis": (steps,),
            "_change": (steps,),
            "_done": (2 * DIGEST,),
        }.items():
            found = getattr(self, name).shape
            if found != (*places, *of_one):
                raise ValueError(
                    f"{name.lstrip('_')} has the shape {found}, which does not fit the frames' "
                    f"{self.frames.shape}"
                )

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
        found = _values(self._done, self._place(row, draw))[DIGEST:].tobytes()
        return found if any(found) else None

    def is_done(self, row: int, expected: bytes, draw: int = 0) -> bool:
        """Return whether a whole path with this fingerprint lies there, unharmed on disk."""
        try:
            made_from = _values(self._done, self._place(row, draw))[:DIGEST].tobytes()
            if made_from != expected:
                return False
            done, path = self.checksum(row, draw), self.read(row, draw)
            if done is None or path_checksum(path) != done:
                return False
            measured = self._measured(path)
            # Another processor may add in another order.
            if not np.allclose(self._changes(row, draw), measured, 1e-9, 0, equal_nan=True):
                # Lost, or of an earlier version: the frames are there, so it is measured again.
                self._change[self._place(row, draw)] = measured
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
        change = self._measured(path)
        try:
            self._done[at] = np.zeros(2 * DIGEST, np.uint8)
            self._write_pictures(at, path)
            self.axis[at] = path.axis
            self._change[at] = change
            self._done[at] = np.frombuffer(made_from + done, np.uint8)
        except OSError as error:
            raise ZollstockError(
                self.root,
                f"cannot be written ({error.strerror or error})",
                "room on a writable disk",
                "Free some space and run again; finished images are kept.",
            ) from None
        return done

    def _write_pictures(self, at: tuple[int, int], path: EditPath) -> None:
        """Write frames and unedited picture, or a recipe in place of the frames."""
        recipe = "" if path.recipe is None else recipes.written(path.recipe)
        if self._recipes is None or not recipe:
            self.frames[at] = path.frames
            self.unedited[at] = path.unedited
            if self._recipes is not None:
                self._recipes[at] = ""
            return
        self._recipes[at] = recipe
        first = at[0], 0
        try:
            there = np.array_equal(_values(self.unedited, first), path.unedited)
        except Exception:  # any codec may complain about harmed bytes in its own way
            there = False
        if not there:
            self.unedited[first] = path.unedited
        # What lies there of a path that was kept whole.
        for name, array in (("frames", self.frames), ("unedited", self.unedited)):
            if name == "frames" or at != first:
                key = array.metadata.encode_chunk_key((*at, *(0 for _ in array.shape[2:])))
                (self.root / name / key).unlink(missing_ok=True)

    def _measured(self, path: EditPath) -> npt.NDArray[np.float64]:
        """Return how far a path's frames are from its unedited image, NaN where it has none."""
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
        frames = np.concatenate([path.frames, nothing])
        return EditPath(frames, axis, path.unedited, path.recipe)

    def read(self, row: int, draw: int = 0) -> EditPath:
        """Read one path, with the steps that it has."""
        at = self._place(row, draw)
        axis = _values(self.axis, at)
        used = int(np.isfinite(axis).sum())
        recipe = "" if self._recipes is None else str(np.asarray(self._recipes[at])[()])
        if not recipe:
            frames, unedited = _values(self.frames, at)[:used], _values(self.unedited, at)
            return EditPath(frames, axis[:used], unedited)
        unedited = _values(self.unedited, (row, 0))
        return EditPath(recipes.made_again(recipe, unedited), axis[:used], unedited)

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
            raise self._harmed(image, f"checksum {checksum[:12]}…{self._told_of(row, draw)}")
        return path

    def _told_of(self, row: int, draw: int) -> str:
        """Return what else may be wrong with a path than its bytes on disk."""
        try:
            remade = self._recipes is not None and self._recipes[self._place(row, draw)] != ""
        except Exception:  # as above
            remade = True
        if not remade:
            return ""
        return " (its frames are made again when they are read, by the zollstock that made them)"

    def check(self, entry: Mapping[str, Any]) -> None:
        """Compare a path, by its entry of the manifest, with all its checksums; may raise."""
        row, image, draw = entry["row"], entry["image"], entry["draw"]
        self.read_checked(row, image, entry["checksum"], draw)
        self.change(row, image, draw, entry.get("change"))

    def change(
        self, row: int, image: str, draw: int = 0, checksum: str | None = None
    ) -> npt.NDArray[np.float64]:
        """Return the mean absolute pixel distance of each frame to the unedited image; (S,).

        Parameters
        ----------
        row, image, draw
            The path.
        checksum
            See `change_checksum`; None where it is not known.

        Raises
        ------
        ZollstockError
            If it was lost or harmed since the path was made.
        """
        try:
            used = np.isfinite(_values(self.axis, self._place(row, draw)))
            found = self._changes(row, draw)
            intact = used.any() and bool((np.isfinite(found) == used).all())
            intact = intact and checksum in (None, change_checksum(found[used]))
        except Exception:  # any codec may complain about harmed bytes in its own way
            intact = False
        if not intact:
            raise self._harmed(image, "a change per frame")
        return found[used]

    def _changes(self, row: int, draw: int) -> npt.NDArray[np.float64]:
        return _values(self._change, self._place(row, draw))

    def _harmed(self, image: str, expected: str) -> ZollstockError:
        return ZollstockError(
            f"{self.root}, image {image}",
            "differs from what was written",
            expected,
            REMEDY,
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


def changes_in(manifest: FilePath) -> dict[tuple[str, int], Any]:
    """Return `changes_of` all paths of a manifest's file."""
    found = read_manifest(manifest)
    return changes_of(manifest.parent / found["store"], found["images"])


def changes_of(store: FilePath, entries: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], Any]:
    """Return (image, draw) → `PathStore.change`, for a manifest's entries but failed ones."""
    opened = PathStore(store)
    return {
        (entry["image"], entry["draw"]): opened.change(
            entry["row"], entry["image"], entry["draw"], entry.get("change")
        )
        for entry in entries
        if "failed" not in entry
    }


def _values(array: zarr.Array, place: tuple[int, int]) -> npt.NDArray[Any]:
    return np.asarray(array[place])
