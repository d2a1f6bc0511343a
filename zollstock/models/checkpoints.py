"""The checkpoints of one training: names, order, epochs. Standard library only."""

import glob
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath

from zollstock.folders import natural

_EVERY = re.compile(r"every (?:(\d+) epochs|epoch)")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Checkpoint:
    """One checkpoint of a series.

    Attributes
    ----------
    name
        Differs within the series.
    epoch
        Epochs it was trained for, or its place, from 1, where names do not tell.
    file
        With its weights.
    """

    name: str
    epoch: int
    file: str


def every(text: str) -> int | None:
    """Return the n of ``every n epochs``, 1 of ``every epoch``; None of anything else."""
    found = _EVERY.fullmatch(text.strip())
    return int(found[1] or 1) if found else None


def kept_epochs(epochs: int, step: int) -> list[int]:
    """Return after which epochs a training keeps checkpoints: every so many, and the last."""
    return sorted({*range(step, epochs + 1, step), epochs} - {0})


def of_training(folder: str, epochs: int, step: int) -> list[Checkpoint]:
    """Return the checkpoints that a training here keeps in a folder."""
    return [
        Checkpoint(name_of(epoch), epoch, f"{folder}/{file_of(epoch)}")
        for epoch in kept_epochs(epochs, step)
    ]


def name_of(epoch: int) -> str:
    """Return what the checkpoint after an epoch, counted from 1, is called."""
    return f"epoch-{epoch:04d}"


def file_of(epoch: int) -> str:
    """Return the file of that checkpoint, without a folder."""
    return f"{name_of(epoch)}.safetensors"


def files_like(pattern: str) -> list[str]:
    """Return the files that a pattern matches in natural order: ``epoch_10`` after ``epoch_9``."""
    found = [file for file in glob.glob(pattern, recursive=True) if os.path.isfile(file)]  # noqa: PTH113, PTH207
    return sorted(found, key=natural)


def of_files(files: Sequence[str]) -> list[Checkpoint]:
    """Return files as checkpoints in their order.

    The epoch is the last number in a name, where all have one and it rises from file to file.
    """
    shared = os.path.commonpath([os.path.dirname(file) for file in files]) if files else ""  # noqa: PTH120
    names = [PurePath(os.path.relpath(file, shared or ".")).as_posix() for file in files]
    numbers = [_NUMBER.findall(PurePath(name).stem) for name in names]
    epochs = [int(found[-1]) for found in numbers if found]
    rising = len(epochs) == len(files) and all(before < after for before, after in pairwise(epochs))
    places = epochs if rising else list(range(1, len(files) + 1))
    return [Checkpoint(*one) for one in zip(names, places, files, strict=True)]
