"""Maps on disk: one array per method and image, written once and whole.

A method's maps of one image are one Zarr array ``<root>/<method>/<image>``, (F, H, W) float32,
whose attributes say at which frames they were taken and what they were made from. An array comes
under its name when it is whole, so that a killed job leaves finished ones alone, and what a grown
study adds is all that is made. Its checksum is of the values, of all attributes and of whose maps
they are: a job takes harmed ones again, all others name them.
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
        found = _read(self.root, method, image)
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
        # As they will be read: JSON has no tuples, and texts alone as keys.
        about = json.loads(json.dumps({"at": list(at), "made_by": made_by, **noted}))
        array.attrs.update(about | {"checksum": _checksum(maps, about, place)})
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


def find_maps(
    root: Path, method: str, image: str, *, rule: str = "locate_maps", noted: bool = False
) -> tuple[Maps, dict[str, Any]] | None:
    """Return the maps of an image, whatever they were made from; None if there are none.

    Parameters
    ----------
    root, method, image
        Which.
    rule
        The rule that makes them.
    noted
        Whether a table speaks of them, so that they must be there.

    Raises
    ------
    ZollstockError
        If they are harmed, or another method's or image's; or lost, where a table speaks of them.
    """
    place = root / method / image
    if not noted and not place.exists():
        return None
    found = _read(root, method, image)
    if found is None:
        raise ZollstockError(
            place,
            "differs from what was written" if place.exists() else "is missing",
            f"the maps of {method} on {image}",
            f"Run again with --forcerun {rule}; those that are whole are kept. An archive holds "
            "no maps.",
        )
    return found


def at_frame(maps: Maps, noted: Mapping[str, Any], frame: str) -> npt.NDArray[np.float32] | None:
    """Return the map at a frame, (H, W), or None where none was taken."""
    at = list(noted["at"])
    return maps[at.index(frame)] if frame in at else None


def _read(root: Path, method: str, image: str) -> tuple[Maps, dict[str, Any]] | None:
    try:
        place = root / method / image
        array = zarr.open_array(place, mode="r")
        maps, noted = np.asarray(array[:], dtype=np.float32), dict(array.attrs)
        about = {key: value for key, value in noted.items() if key != "checksum"}
        # A lost chunk reads as what it is filled with.
        whole = noted.get("checksum") == _checksum(maps, about, place)
    except Exception:  # absent, or harmed by what only a disk knows
        return None
    return (maps, noted) if whole else None


def _checksum(maps: Maps, about: Mapping[str, Any], place: Path) -> str:
    # Model, method and image, and the folder that all are in.
    owner = place.absolute().parts[-4:]
    told = json.dumps([owner, list(maps.shape), about], sort_keys=True)
    digest = hashlib.sha256(told.encode())
    digest.update(np.ascontiguousarray(maps).data)
    return digest.hexdigest()
