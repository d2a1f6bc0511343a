"""How a store of paths is laid out on disk, and mended where its descriptions are harmed."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import zarr
from zarr.codecs import Crc32cCodec, ZstdCodec

from zollstock.errors import ZollstockError
from zollstock.paths import PathShape

LAYOUT = 2
"""Counts up when a store is laid out in another way."""

DIGEST = 32
"""Bytes of SHA-256."""
RECIPE = "recipe"
_ARRAYS: dict[str, Any] = {
    "frames": np.dtype("uint8"),
    "unedited": np.dtype("uint8"),
    "axis": np.dtype("float64"),
    "change": np.dtype("float64"),
    "done": np.dtype("uint8"),
    RECIPE: np.dtypes.StringDType(),
}
HARMED = (FileNotFoundError, KeyError, ValueError, TypeError, AttributeError)
"""What Zarr raises on metadata that are lost or harmed."""


def plan_store(
    root: FilePath,
    shape: PathShape,
    image_ids: Sequence[str],
    draws: Sequence[int] = (0,),
    variants: Mapping[str, str] | None = None,
    *,
    recipes: bool = False,
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
    recipes
        Whether paths may come with recipes, which are kept in place of frames.

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
    arrays = [name for name in _ARRAYS if recipes or name != RECIPE]
    group = _existing(root, shape, dict(keys), draws[0], arrays)
    if group is None:
        if root.exists():
            shutil.rmtree(root)
        group = _create(root, shape, len(keys), draws, arrays)
        rows = keys
    else:
        attrs: dict[str, Any] = dict(group.attrs)
        rows = list(zip(attrs["images"], attrs["variants"], strict=True))
        there = set(rows)
        rows += [key for key in keys if key not in there]
        count = max(len(draws), array_of(group, "frames").shape[1])
        for name in arrays:
            array = array_of(group, name)
            array.resize((len(rows), count, *array.shape[2:]))
    images = [image for image, _ in rows]
    if not _has_coordinates(group, images, draws[0]):
        _write_coordinates(group, images, draws[0])
    told = _attributes(rows, draws[0])
    if dict(group.attrs) != told:
        group.attrs.update(told)
    place = {key: row for row, key in enumerate(rows)}
    return {key[0]: place[key] for key in keys}


def _attributes(rows: Sequence[tuple[str, str]], first_draw: int) -> dict[str, Any]:
    return {
        "layout": LAYOUT,
        "first_draw": first_draw,
        "images": [image for image, _ in rows],
        "variants": [variant for _, variant in rows],
    }


def _existing(
    root: FilePath,
    shape: PathShape,
    variants: Mapping[str, str],
    first_draw: int,
    arrays: Sequence[str],
) -> zarr.Group | None:
    """Return the store that lies there, its descriptions mended; None where there is none."""
    group, found = None, first_draw
    try:
        group = zarr.open_group(root, mode="r+")
        attrs: dict[str, Any] = dict(group.attrs)
        if "images" in attrs and attrs.get("layout") != LAYOUT:
            raise other_layout(root)
        len(attrs["images"]), len(attrs["variants"])
        found = int(attrs["first_draw"])
    except (*HARMED, OSError):
        group = None
    if group is None or found != first_draw:
        group = _recovered(root, variants, first_draw)
    if group is None and found != first_draw:
        raise ZollstockError(
            root,
            f"holds draws from {found} on",
            f"draws from {first_draw} on",
            "Move or remove the folder and run again.",
        )
    if group is not None:
        _mend_arrays(group, root, shape, arrays)
    return group


def _recovered(root: FilePath, variants: Mapping[str, str], first_draw: int) -> zarr.Group | None:
    """Describe a group anew whose arrays still say which row is whose, so that no path is lost.

    Of several rows of an image the last one is taken for its present one. Should it be another's,
    its fingerprints say so, and its paths are made again.
    """
    try:
        images = [str(name) for name in zarr.open_array(root / "image", mode="r")[:]]  # type: ignore[union-attr]
        draws = np.asarray(zarr.open_array(root / "draw", mode="r")[:])
        last = {image: row for row, image in enumerate(images)}
        rows = [
            (image, variants.get(image, "") if row == last[image] else f"lost {row}")
            for row, image in enumerate(images)
        ]
        if draws[0] != first_draw:
            return None
    except Exception:  # any codec may complain about harmed bytes in its own way
        return None
    (root / "zarr.json").unlink(missing_ok=True)
    group = zarr.create_group(root)
    group.attrs.update(_attributes(rows, first_draw))
    return group


def _mend_arrays(
    group: zarr.Group, root: FilePath, shape: PathShape, arrays: Sequence[str]
) -> None:
    """Describe arrays anew whose description is lost, harmed or another's.

    Their chunks are left; checksums tell which paths fit.
    """
    expected = {name: of_one for name, (of_one, *_) in _described(shape).items()}
    found = {name: _found(group, name) for name in arrays}
    frames, unedited, axis = (found[name] for name in ("frames", "unedited", "axis"))
    if (
        (frames and unedited and axis)
        and (frames[2:3], frames[3:]) == (axis[2:], unedited[2:])
        and frames[2:] != expected["frames"]
    ):
        raise ZollstockError(
            root,
            f"holds paths of {frames[2]} steps and {frames[3]}×{frames[4]} pixels",
            f"{shape.steps} steps and {shape.height}×{shape.width} pixels",
            "Move or remove the folder and run again.",
        )
    sound = [name for name, known in found.items() if known and known[2:] == expected[name]]
    harmed = [name for name in arrays if name not in sound]
    draws = max((found[name][1] for name in sound), default=1)
    images: Any = group.attrs["images"]
    _create_arrays(group, root, shape, (len(images), draws), harmed)


def other_layout(root: FilePath) -> ZollstockError:
    """Return what to tell of a store of another layout."""
    return ZollstockError(
        root,
        "is a store of an earlier version",
        f"layout {LAYOUT}, in which draws are a dimension",
        "Move or remove the folder and run again, or go on with the version that made it.",
    )


def _found(group: zarr.Group, name: str) -> tuple[int, ...]:
    """Return the shape of an array of paths; empty if it is none, or of another type."""
    try:
        array = array_of(group, name)
    except HARMED:
        return ()
    fits = array.dtype == _ARRAYS[name] and array.chunks == (1, 1, *array.shape[2:])
    return array.shape if fits and array.ndim > 1 + (name != RECIPE) else ()


def _create(
    root: FilePath, shape: PathShape, images: int, draws: Sequence[int], arrays: Sequence[str]
) -> zarr.Group:
    group = zarr.create_group(root)
    _create_arrays(group, root, shape, (images, len(draws)), arrays)
    return group


def _described(
    shape: PathShape,
) -> dict[str, tuple[tuple[int, ...], Any, tuple[str, ...]]]:
    """Return array → its shape for one path, codec and dimensions."""
    steps, height, width = shape
    # Lossless. Its third level looks back over 2 MB, so that it finds what frames have in common;
    # Blosc cuts a path into smaller blocks first (benchmarks/disk.py).
    codec = ZstdCodec(level=3)
    return {
        "frames": ((steps, height, width, 3), codec, ("step", "y", "x", "c")),
        "unedited": ((height, width, 3), codec, ("y", "x", "c")),
        "axis": ((steps,), None, ("step",)),
        # It is read without the frames, whose checksum could not tell of harm.
        "change": ((steps,), Crc32cCodec(), ("step",)),
        "done": ((2 * DIGEST,), None, ("byte",)),
        # A harmed text's length may ask for all memory before anything else could tell.
        RECIPE: ((), Crc32cCodec(), ()),
    }


def _create_arrays(
    group: zarr.Group,
    root: FilePath,
    shape: PathShape,
    places: tuple[int, int],
    names: Iterable[str],
) -> None:
    """Describe arrays on disk, leaving what is there of their chunks."""
    arrays = _described(shape)
    for name in names:
        of_one, compressor, dimensions = arrays[name]
        (root / name / "zarr.json").unlink(missing_ok=True)
        group.create_array(
            name,
            shape=(*places, *of_one),
            chunks=(1, 1, *of_one),
            dtype="string" if name == RECIPE else _ARRAYS[name],
            fill_value={"f": np.nan, "u": 0, "T": ""}[_ARRAYS[name].kind],
            compressors=compressor,
            chunk_key_encoding={"name": "default", "separator": "."},
            dimension_names=("image", "draw", *dimensions),
        )


def _has_coordinates(group: zarr.Group, images: Sequence[str], first_draw: int) -> bool:
    draws = range(first_draw, first_draw + array_of(group, "frames").shape[1])
    try:
        known = [list(np.asarray(array_of(group, name)[:])) for name in ("image", "draw")]
    except Exception:  # any codec may complain about harmed bytes in its own way
        return False
    return known == [list(images), list(draws)]


def _write_coordinates(group: zarr.Group, images: Sequence[str], first_draw: int) -> None:
    """Name the rows and the draws for whoever opens the store without this library."""
    count = array_of(group, "frames").shape[1]
    draws = np.arange(first_draw, first_draw + count)
    names = np.array(images, dtype=np.dtypes.StringDType())
    for name, values, kind in (("image", names, "string"), ("draw", draws, "int64")):
        array = group.create_array(
            name,
            shape=values.shape,
            chunks=values.shape,
            dtype=kind,
            compressors=Crc32cCodec() if kind == "string" else None,
            dimension_names=(name,),
            overwrite=True,
        )
        array[:] = values


def array_of(group: zarr.Group, name: str) -> zarr.Array:
    """Return an array of a group; KeyError if it is none."""
    array = group[name]
    if not isinstance(array, zarr.Array):
        raise KeyError(name)
    return array
