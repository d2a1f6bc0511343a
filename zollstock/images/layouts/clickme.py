"""How ClickMe's maps of Imagenette lie on a disk. Standard library only: the plan asks too.

It is ixai's layout. A folder holds, of the part to train on and of that to test with (``val``)::

    10images.pt   10imagesval.pt   pictures, (N, 3, H, W): bytes, numbers from 0 to 1, or these
                                   less ImageNet's mean and over its deviation
    10labels.pt   10labelsval.pt   ImageNet's numbers of their classes, (N,)
    10exps.pt     10expsval.pt     how much people clicked where, (N, 1, H, W) or (N, H, W)
"""

from collections.abc import Mapping
from pathlib import Path

from zollstock.errors import ZollstockError

CLASSES: Mapping[int, str] = {
    0: "tench",
    217: "English springer",
    482: "cassette player",
    491: "chain saw",
    497: "church",
    566: "French horn",
    569: "garbage truck",
    571: "gas pump",
    574: "golf ball",
    701: "parachute",
}
"""ImageNet's number → name, in the order of Imagenette's classes."""
KINDS = ("images", "labels", "exps")
PARTS = {"train": "", "val": "val"}
"""Part → what its files' names end with."""


def files_of(root: Path, part: str) -> dict[str, Path]:
    """Return kind → the file of a part, there or not."""
    return {kind: root / f"10{kind}{PARTS[part]}.pt" for kind in KINDS}


def files_there(root: Path) -> list[str]:
    """Return all files that are there."""
    listed = [file for part in PARTS for file in files_of(root, part).values()]
    return [str(file) for file in listed if file.is_file()]


def check_files(root: Path) -> None:
    """Raise a `ZollstockError` unless all files are there, whole."""
    for part in PARTS:
        for file in files_of(root, part).values():
            if file.is_file():
                continue
            pieces = sorted(root.glob(f"{file.name}.??"))
            raise ZollstockError(
                file,
                f"lies there in {len(pieces)} pieces" if pieces else "is missing",
                "ClickMe on Imagenette as ixai lays it out: " + ", ".join(_names()),
                f"Join them: cat {file.name}.?? > {file.name}"
                if pieces
                else "Put it there; docs/repair.md says what each file holds.",
            )


def _names() -> list[str]:
    return [file.name for part in PARTS for file in files_of(Path(), part).values()]
