"""The unedited pictures of finished edits, which placebos of them start from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zollstock.store import PathStore


class References:
    """The picture that each edit of a property starts from, in the size of its frames.

    Parameters
    ----------
    store
        Of the edits.
    shape
        Of their paths: ``height`` and ``width`` among others.
    rows
        Image id → its row in the store, and the checksum of its first path.
    """

    def __init__(
        self, store: Path, shape: Mapping[str, int], rows: Mapping[str, tuple[int, str]]
    ) -> None:
        self.store, self.shape, self.rows = store, dict(shape), dict(rows)
        self._open: PathStore | None = None

    @classmethod
    def of(cls, manifest: Mapping[str, Any], folder: Path) -> "References":
        """Return those of a manifest, whose store lies in a folder; failed edits have none."""
        rows = {
            entry["image"]: (int(entry["row"]), str(entry["checksum"]))
            for entry in manifest["images"]
            if entry["draw"] == 0 and "failed" not in entry
        }
        return cls(folder / manifest["store"], manifest["shape"], rows)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.shape["height"], self.shape["width"]

    def checksum(self, image: str) -> str:
        """Return the checksum of an image's first path, "" if it failed."""
        return self.rows.get(image, (0, ""))[1]

    def picture(self, image: str) -> NDArray[np.uint8]:
        """Return the unedited picture, uint8, (H, W, 3).

        Raises
        ------
        ZollstockError
            If the store was harmed since.
        """
        if self._open is None:
            self._open = PathStore(self.store, shape=self.shape)
        row, checksum = self.rows[image]
        return self._open.read_checked(row, image, checksum).unedited


@dataclass(frozen=True)
class Lent:
    """The same of edits in memory, which are kept nowhere: image id → its picture."""

    pictures: Mapping[str, NDArray[np.uint8]]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = next(iter(self.pictures.values())).shape[:2]
        return height, width

    def checksum(self, image: str) -> str:
        """Return nothing: there is no path to tell from another one."""
        return ""

    def picture(self, image: str) -> NDArray[np.uint8]:
        """Return the unedited picture, uint8, (H, W, 3)."""
        return self.pictures[image]
