"""The table of layouts. Standard library only: the plan asks it too."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePath

from zollstock.folders import files_below


@dataclass(frozen=True)
class Layout:
    """How a dataset lies on a disk.

    Attributes
    ----------
    module
        Of ``candidates(asked)``, which lists its pictures with their labels.
    files
        Patterns of the files, relative to the dataset's folder, that tell labels or hold pixels.
        They are watched; pictures, of which there may be many thousands, are not.
    attributes
        Whether `Asked.attribute` is needed.
    classes
        Names, in order, of a dataset whose pictures are numbers in a few files, with a part to
        train on and one to test with; none of others.
    pictures
        How many such a dataset has to train on, about.
    mirrored
        Whether a picture and its mirror image are of the same class: a digit is not.
    packaged
        The Python package that brings the dataset, which needs no folder then.
    """

    module: str
    files: tuple[str, ...]
    attributes: bool = False
    classes: tuple[str, ...] = ()
    pictures: int = 0
    mirrored: bool = True
    packaged: str | None = None


_HERE = "zollstock.images.layouts"
_CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_STL = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")
_DIGITS = tuple("0123456789")
LAYOUTS: Mapping[str, Layout] = {
    "imagenet": Layout(
        f"{_HERE}.imagenet",
        (
            "LOC_val_solution.csv",
            "*/LOC_val_solution.csv",
            "**/ILSVRC2012_validation_ground_truth.txt",
        ),
    ),
    "voc2007": Layout(f"{_HERE}.voc", ("**/ImageSets/Main/*.txt",)),
    "coco2014": Layout(f"{_HERE}.coco", ("annotations/instances_*.json",)),
    "celeba": Layout(f"{_HERE}.celeba", ("**/list_*.txt", "**/list_*.csv"), attributes=True),
    "stl10": Layout(
        f"{_HERE}.arrays", ("**/*_[Xy].bin", "**/class_names.txt"), classes=_STL, pictures=5000
    ),
    "svhn": Layout(
        f"{_HERE}.arrays", ("*_32x32.mat",), classes=_DIGITS, pictures=73257, mirrored=False
    ),
    "mnist": Layout(
        f"{_HERE}.arrays",
        ("**/*-ubyte", "**/*-ubyte.gz"),
        classes=_DIGITS,
        pictures=60000,
        mirrored=False,
    ),
    "cifar10": Layout(
        f"{_HERE}.arrays", ("**/*_batch*", "**/batches.meta*"), classes=_CIFAR, pictures=50000
    ),
    "digits": Layout(
        f"{_HERE}.arrays",
        (),
        classes=_DIGITS,
        pictures=1500,
        mirrored=False,
        packaged="scikit-learn",
    ),
    "pairs": Layout(f"{_HERE}.pairs", ()),
}
"""Name → layout; modules are imported when they are asked for."""


def files_of_dataset(layout: str, root: Path) -> list[str]:
    """Return the files that are watched: those with labels or pixels, not each picture."""
    patterns = LAYOUTS[layout].files if layout in LAYOUTS else ()
    found: set[str] = set()
    below = files_below(root) if any(pattern.startswith("**/") for pattern in patterns) else []
    for pattern in patterns:
        anywhere = pattern.removeprefix("**/")
        if anywhere == pattern:
            found.update(map(str, root.glob(pattern)))
        else:  # behind links too, where `**` does not look
            last = PurePath(anywhere).name
            names = [file for file in below if fnmatch(os.path.basename(file), last)]  # noqa: PTH119
            found.update(file for file in names if PurePath(file).match(anywhere))
    return sorted(found)
