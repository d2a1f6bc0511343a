"""Maps on disk: one array per method and image, written once and whole.

A method's maps of one image are one Zarr array ``<root>/<method>/<image>``, (F, H, W) float32,
whose attributes say at which frames they were taken and what they were made from. An array comes
under its name when it is whole, so that a killed job leaves finished ones alone, and what a grown
study adds is all that is made.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from zollstock.errors import ZollstockError

Maps = npt.NDArray[np.float32]


class KeptMaps:
    """The maps of one model.

    Parameters
    ----------
    root
        Folder of the maps.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, method: str, image: str, made_by: str) -> tuple[Maps, dict[str, Any]] | None:
        """Return maps and what was noted of them; None where there are none of this make."""
        found = _read(self.root / method / image)
        return None if found is None or found[1].get("made_by") != made_by else found

    def write(
        self,
        method: str,
        image: str,
        maps: Maps,
        at: Sequence[str],
        made_by: str,
        **noted: Any,  # noqa: ANN401
    ) -> None:
        """Write the maps of an image, (F, H, W), taken at the frames `at`, F names.

        Raises
        ------
        ZollstockError
            If there are not as many maps as frames.
        """
        if len(maps) != len(at):
            raise ZollstockError(
                f"maps of {method} on {image}",
                f"{len(maps)} maps for {len(at)} frames",
                "a map a frame",
                "Report this as a fault of the method.",
            )
        place = self.root / method / image
        # A hidden folder of its own: another job may write another share of the images.
        new = place.with_name(f".{image}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.parent.mkdir(parents=True, exist_ok=True)
        maps = np.ascontiguousarray(maps, dtype=np.float32)
        array = zarr.create_array(
            store=new,
            shape=maps.shape,
            chunks=tuple(max(1, side) for side in maps.shape),
            dtype=np.float32,
            fill_value=np.nan,
            dimension_names=("at", "y", "x"),
        )
        array[:] = maps
        about = {"at": list(at), "made_by": made_by, "checksum": _checksum(maps), **noted}
        array.attrs.update(about)
        if place.exists():
            old = place.with_name(f".{image}.old")
            shutil.rmtree(old, ignore_errors=True)
            place.rename(old)
            new.rename(place)
            shutil.rmtree(old, ignore_errors=True)
        else:
            new.rename(place)


def made_by(**content: object) -> str:
    """Return the fingerprint of all that maps are made from; values as JSON has them."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def find_maps(root: Path, method: str, image: str) -> tuple[Maps, dict[str, Any]] | None:
    """Return the maps of an image, whatever they were made from; None if there are none."""
    return _read(root / method / image)


def at_frame(maps: Maps, noted: Mapping[str, Any], frame: str) -> npt.NDArray[np.float32] | None:
    """Return the map at a frame, (H, W), or None where none was taken."""
    at = list(noted["at"])
    return maps[at.index(frame)] if frame in at else None


def _read(place: Path) -> tuple[Maps, dict[str, Any]] | None:
    try:
        array = zarr.open_array(place, mode="r")
        maps, noted = np.asarray(array[:], dtype=np.float32), dict(array.attrs)
    except Exception:  # absent, or harmed by what only a disk knows: taken again
        return None
    # A lost chunk reads as what it is filled with.
    return (maps, noted) if noted.get("checksum") == _checksum(maps) else None


def _checksum(maps: Maps) -> str:
    head = repr(maps.shape).encode()
    return hashlib.sha256(head + np.ascontiguousarray(maps).tobytes()).hexdigest()[:16]
