"""The table of layouts. Standard library only: the plan asks it too."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


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
    """

    module: str
    files: tuple[str, ...]
    attributes: bool = False


_HERE = "zollstock.images.layouts"
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
    "stl10": Layout(f"{_HERE}.arrays", ("**/*_[Xy].bin", "**/class_names.txt")),
    "svhn": Layout(f"{_HERE}.arrays", ("*_32x32.mat",)),
    "mnist": Layout(f"{_HERE}.arrays", ("**/*-ubyte", "**/*-ubyte.gz")),
    "cifar10": Layout(f"{_HERE}.arrays", ("**/*_batch*", "**/batches.meta*")),
    "pairs": Layout(f"{_HERE}.pairs", ()),
}
"""Name → layout; modules are imported when they are asked for."""


def files_of_dataset(layout: str, root: Path) -> list[str]:
    """Return the files that are watched: those with labels or pixels, not each picture."""
    patterns = LAYOUTS[layout].files if layout in LAYOUTS else ()
    return sorted({str(file) for pattern in patterns for file in root.glob(pattern)})
