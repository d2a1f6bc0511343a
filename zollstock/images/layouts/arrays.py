"""Datasets whose pictures are numbers in a few files: STL10, SVHN, MNIST, CIFAR10, digits."""

import gzip
import struct
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.io import loadmat

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.images.layouts.base import Asked
from zollstock.images.layouts.batches import read_batch
from zollstock.images.layouts.registry import LAYOUTS
from zollstock.images.listing import Candidate
from zollstock.images.reading import RGB
from zollstock.images.splits import in_test

_DIGITS = LAYOUTS["digits"].classes


class Arrays(NamedTuple):
    """Pictures and labels of a split.

    Attributes
    ----------
    file
        Where they stand.
    pictures
        uint8, shape (N, …), as the file lays them out; may be mapped from the disk.
    to_rgb
        From one of them to RGB, (H, W, 3).
    labels
        Index of each one's class.
    classes
        Names.
    """

    file: Path
    pictures: npt.NDArray[np.uint8]
    to_rgb: Callable[[npt.NDArray[np.uint8]], RGB]
    labels: npt.NDArray[np.integer]
    classes: Sequence[str]


def arrays_of(layout: str, asked: Asked) -> Arrays:
    """Return the pictures of a split, ``test`` by default.

    Raises
    ------
    ZollstockError
        If files are missing or hold something else.
    """
    split = asked.split or "test"
    if split not in ("train", "test"):
        raise ZollstockError(
            "images.split", f"is '{split}'", "train or test", did_you_mean(split, ["train", "test"])
        )
    read = {"stl10": _stl10, "svhn": _svhn, "mnist": _mnist, "cifar10": _cifar10}.get(
        layout, _digits
    )
    found = read(asked, split)
    count = len(found.pictures)
    wrong = len(found.labels) != count or (
        count and not 0 <= int(found.labels.min()) <= int(found.labels.max()) < len(found.classes)
    )
    if wrong:
        raise ZollstockError(
            found.file,
            f"has {count} pictures and {len(found.labels)} labels of {len(found.classes)} classes",
            "a label for each picture",
            "Unpack the dataset again.",
        )
    return found


def candidates(layout: str, asked: Asked) -> list[Candidate]:
    """List the pictures of a split; ids are the split's name and a number."""
    found = arrays_of(layout, asked)
    split = asked.split or "test"
    return [
        Candidate(
            f"{split}_{place:05d}",
            found.classes[int(label)],
            found.file.with_name(f"{found.file.name} no. {place}"),
            pixels=partial(_picture, found, place),
        )
        for place, label in enumerate(found.labels)
    ]


def _picture(found: Arrays, place: int) -> RGB:
    return np.ascontiguousarray(found.to_rgb(np.asarray(found.pictures[place])))


def _planes(picture: npt.NDArray[np.uint8]) -> RGB:
    """Return (3, H, W) as RGB."""
    return picture.transpose(1, 2, 0)


def _stl10(asked: Asked, split: str) -> Arrays:
    pictures = asked.file(f"{split}_X.bin", f"stl10_binary/{split}_X.bin")
    labels = np.fromfile(pictures.with_name(f"{split}_y.bin"), np.uint8).astype(int) - 1
    names = pictures.with_name("class_names.txt")
    classes = (
        names.read_text(encoding="utf-8").split() if names.is_file() else LAYOUTS["stl10"].classes
    )
    each = 3 * 96 * 96
    if pictures.stat().st_size % each:
        raise _cut_off(pictures)
    found = np.memmap(pictures, np.uint8, "r").reshape(-1, 3, 96, 96)
    # Columns come before rows.
    return Arrays(pictures, found, lambda one: one.transpose(2, 1, 0), labels, classes)


def _svhn(asked: Asked, split: str) -> Arrays:
    file = asked.file(f"{split}_32x32.mat")
    try:
        content = loadmat(file)
        pictures = np.moveaxis(content["X"], -1, 0)
        labels = content["y"].ravel().astype(int) % 10  # 10 stands for the digit 0
    except Exception as error:  # MATLAB's formats fail in many ways
        raise ZollstockError(
            file, f"cannot be read ({error})", "SVHN's cropped digits, X and y", "Fetch it again."
        ) from None
    return Arrays(file, pictures, lambda one: one, labels, _DIGITS)


def _mnist(asked: Asked, split: str) -> Arrays:
    start = "train" if split == "train" else "t10k"
    found = []
    for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        names = [f"{start}-{kind}", f"{start}-{kind.replace('-idx', '.idx')}"]
        below = [f"MNIST/raw/{name}" for name in names]
        found.append(asked.file(*(n + end for n in [*names, *below] for end in ("", ".gz"))))
    pictures, labels = (read_idx(file) for file in found)
    return Arrays(
        found[0],
        pictures,
        lambda one: np.repeat(one[:, :, None], 3, axis=2),
        labels.astype(int),
        _DIGITS,
    )


def read_idx(file: Path) -> npt.NDArray[np.uint8]:
    """Read a file of MNIST's format IDX, gzipped or not, of unsigned bytes.

    Raises
    ------
    ZollstockError
        If it is none, or cut off.
    """
    try:
        content = file.read_bytes()
        content = gzip.decompress(content) if file.suffix == ".gz" else content
        zero, kind, dimensions = struct.unpack_from(">HBB", content)
        shape = struct.unpack_from(f">{dimensions}I", content, 4)
        numbers = np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions)
    except (OSError, EOFError, ValueError, struct.error) as error:
        raise ZollstockError(
            file, f"cannot be read ({error})", "a file of format IDX", "Fetch it again."
        ) from None
    if zero or kind != 0x08:
        raise ZollstockError(
            file, "is no IDX file of bytes", "MNIST's images or labels", "Check images.path."
        )
    if numbers.size != int(np.prod(shape)):
        raise _cut_off(file)
    return numbers.reshape(shape)


def _cifar10(asked: Asked, split: str) -> Arrays:
    """Read the binary version, or the one for Python, whose pickles are never executed."""
    folders = [asked.root, asked.root / "cifar-10-batches-bin", asked.root / "cifar-10-batches-py"]
    wanted = [f"data_batch_{n}" for n in range(1, 6)] if split == "train" else ["test_batch"]
    for folder in folders:
        for ending in (".bin", ""):
            files = [folder / f"{name}{ending}" for name in wanted]
            there = [file for file in files if file.is_file()]
            if there:
                parts = [_binary(file) if ending else read_batch(file) for file in there]
                pictures = np.concatenate([part[0] for part in parts]).reshape(-1, 3, 32, 32)
                labels = np.concatenate([part[1] for part in parts]).astype(int)
                return Arrays(there[0], pictures, _planes, labels, LAYOUTS["cifar10"].classes)
    asked.file(f"{wanted[0]}.bin", f"cifar-10-batches-bin/{wanted[0]}.bin", wanted[0])
    raise AssertionError  # `file` has raised


def _binary(file: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    content = np.fromfile(file, np.uint8)
    if content.size % 3073:
        raise _cut_off(file)
    rows = content.reshape(-1, 3073)
    return rows[:, 1:], rows[:, 0]


def _digits(asked: Asked, split: str) -> Arrays:
    """Return scikit-learn's handwritten digits, 8 by 8 pixels; a fifth of them is for tests."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ZollstockError(
            "the layout digits",
            f"needs scikit-learn, which cannot be imported here ({error})",
            "scikit-learn, which brings the pictures",
            "pip install scikit-learn",
        ) from None
    found = load_digits()
    test = np.array([in_test(str(place)) for place in range(len(found.target))])
    chosen = np.flatnonzero(test if split == "test" else ~test)
    pictures = np.rint(found.images[chosen] * (255 / 16)).astype(np.uint8)  # of 17 levels
    return Arrays(
        Path("scikit-learn/digits"),
        pictures,
        lambda one: np.repeat(one[:, :, None], 3, axis=2),
        found.target[chosen].astype(int),
        _DIGITS,
    )


def _cut_off(file: Path) -> ZollstockError:
    return ZollstockError(
        file, "is cut off, or no file of this dataset", "whole pictures", "Fetch it again."
    )
