"""The user's own files that a study reads, for Snakemake's inputs. Standard library only."""

import csv
import glob
import json
import math
import os
import shlex
from collections.abc import Sequence
from functools import cache
from pathlib import Path


def files_below(folder: Path) -> list[str]:
    """Return all files below a folder, hidden ones left out, in a fixed order."""
    files, folders = _entries(folder)
    return sorted([*files, *(file for inner in folders for file in files_below(Path(inner)))])


def files_in_table(table: Path, root: Path | None = None) -> list[str]:
    """Return a CSV and the files that its column ``path`` names, as far as they exist."""
    base = root if root is not None else table.parent
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, skipinitialspace=True)
            named = {str(base / row["path"]) for row in rows if row.get("path")}
    except (OSError, UnicodeDecodeError, csv.Error):
        named = set()  # the rule that reads it says what is wrong
    return [str(table), *sorted(file for file in named if os.path.isfile(file))]  # noqa: PTH113


def files_matching(pattern: str) -> list[str]:
    """Return the files and folders that a path with ``{image}`` may mean."""
    # Path.glob cannot start at an absolute or a parent folder.
    return sorted(glob.glob("*".join(glob.escape(part) for part in pattern.split("{image}"))))  # noqa: PTH207


@cache  # two rules ask, and each start of Snakemake lists some 100,000 files
def files_of_series(pattern: str) -> tuple[str, ...]:
    """Return the files of all series that a property's path, with ``{image}``, may mean.

    Of a folder those that lie in it directly, since a series has no others.
    """
    files: set[str] = set()
    for path in files_matching(pattern):
        if path.lower().endswith(".csv"):
            files.update(files_in_table(Path(path)))
        else:
            files.update(_entries(Path(path))[0])
    return tuple(sorted(files))


def files_of_command(command: str | Sequence[str]) -> list[str]:
    """Return the files that a command names, as far as they lie below the current folder.

    Programs elsewhere, such as the interpreter, belong to the machine; an update of it should
    not run a study again.
    """
    try:
        parts = shlex.split(command) if isinstance(command, str) else command
    except ValueError:
        return []  # the rule that runs it says what is wrong
    here = Path.cwd().resolve()
    # `isfile` says no to a part that is too long for a name, such as a whole script.
    files = {part for part in parts if os.path.isfile(part)}  # noqa: PTH113
    return sorted(part for part in files if Path(part).resolve().is_relative_to(here))


def files_of_checkpoint(folder: Path) -> list[str]:
    """Return the weights and configs in an editor's folder, those its checksum is made of."""
    kinds = (".safetensors", ".json", ".txt", ".model")
    return [file for file in files_below(folder) if file.endswith(kinds)]


@cache
def parameters_in(checkpoint: Path) -> int:
    """Return how many numbers the safetensors files of a checkpoint's parts hold; 0 without any.

    Their headers are read. Twins of lower precision and weights of training are left out, as
    they are not loaded.
    """
    return sum(
        _parameters(file)
        for file in checkpoint.glob("*/*.safetensors")
        if not {"fp16", "non_ema"} & set(file.name.split("."))
    )


def _entries(folder: Path) -> tuple[list[str], list[str]]:
    """Return the files and the folders in a folder, hidden ones left out."""
    files, folders = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.is_file():
                    files.append(entry.path)
    except OSError:
        pass  # the rule that reads it says what is wrong
    return files, folders


def _parameters(file: Path) -> int:
    try:
        with file.open("rb") as content:
            length = int.from_bytes(content.read(8), "little")
            header = json.loads(content.read(min(length, 100_000_000)))
        return sum(math.prod(item["shape"]) for item in header.values() if "shape" in item)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return 0  # the rule that loads it says what is wrong
