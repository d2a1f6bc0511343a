"""The user's own files that a study reads, for Snakemake's inputs. Standard library only."""

import csv
import glob
import json
import math
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path

from zollstock.errors import ZollstockError, printable
from zollstock.files import files_named
from zollstock.folders import entries, files_below, files_in_classes, is_hidden, located
from zollstock.plan.contents import content_of
from zollstock.separators import header_of, separator_of


def files_in_table(table: Path, root: Path | None = None) -> list[str]:
    """Return a CSV and the files that its column ``path`` names, as far as they exist."""
    base = root if root is not None else table.parent
    try:
        before, header = header_of(table)
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(
                islice(file, before, None),
                delimiter=separator_of(header, ["path"]),
                skipinitialspace=True,
            )
            column = next((name for name in rows.fieldnames or [] if name.strip() == "path"), "")
            named = {str(located(base / row[column])) for row in rows if row.get(column)}
    except (OSError, UnicodeDecodeError, csv.Error):
        named = set()  # the rule that reads it says what is wrong
    return [str(table), *sorted(file for file in named if _is_file(file))]


def files_in_folder(folder: Path) -> list[str]:
    """Return the pictures of a folder with subfolders or without, and what lies beside them."""
    try:
        classes = [file for _, file in files_in_classes(folder)]
        return sorted([*entries(folder)[0], *classes])
    except (OSError, ZollstockError):
        return []  # the rule that reads it says what is wrong


def files_matching(pattern: str) -> list[str]:
    """Return the files and folders that a path with ``{image}`` may mean."""
    parts = pattern.split("{image}")
    folder, slash, start = parts[0].rpartition("/")
    if slash:
        parts[0] = f"{str(located(Path(folder or '/'))).rstrip('/')}/{start}"
    # Path.glob cannot start at an absolute or a parent folder. An image may be called `.5`.
    found = glob.glob("*".join(map(glob.escape, parts)), include_hidden=True)  # noqa: PTH207
    # Counted from the end: what stands before it may be spelt otherwise.
    named = [place for place, part in enumerate(reversed(pattern.split("/"))) if "{image}" in part]
    return sorted(
        path for path in found if not any(is_hidden(path.split("/")[-1 - place]) for place in named)
    )


def listed(files: Iterable[str]) -> list[str]:
    """Return the files that Snakemake can have as inputs.

    In names of inputs it takes ``{1}`` for a wildcard, which nothing can quote, and it writes
    them as UTF-8 and in lines. Files of other names are watched by their `state` alone.
    """
    return [file for file in files if not _is_no_input(file)]


def state(files: Iterable[str]) -> str:
    """Return what those files hold that are not `listed`, for a rule's params; "" if none."""
    others = [file for file in files if _is_no_input(file) and _is_file(file)]
    return content_of(others) if others else ""


def check_folders(folders: Mapping[str, str | Path]) -> None:
    """Check the folders whose files Snakemake must name: the outputs, and the library's.

    Raises
    ------
    ZollstockError
        If one has a brace in its path.
    """
    for key, folder in folders.items():
        if set(str(folder)) & {"{", "}"}:
            raise ZollstockError(
                key,
                f"is '{folder}'",
                "a path without braces, which Snakemake takes for wildcards here",
                "Rename the folder. Your own pictures and models may have braces in their paths.",
            )


def _is_no_input(file: str) -> bool:
    return "{" in file or "}" in file or printable(file) != file or file != file.strip()


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
            with suppress(OSError):  # the rule that reads it says what is wrong
                files.update(entries(path)[0])
    return tuple(sorted(files))


def files_of_pictures(pattern: str) -> list[str]:
    """Return the files that belong to images: what a key like `mask` may mean.

    A file, ``{image}`` in its path or not, the files of a folder, or a CSV and the files that it
    names. A word that is no path, such as ``middle``, means none.
    """
    if "{image}" in pattern:
        return files_matching(pattern)
    place = located(Path(pattern))
    if place.is_dir():
        with suppress(OSError):  # the rule that reads it says what is wrong
            return entries(place)[0]
        return []
    if place.suffix.lower() == ".csv":
        return [file for file in files_in_table(place) if _is_file(file)]
    return [str(place)] if _is_file(str(place)) else []


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
    return sorted(part for part in files_named(parts) if Path(part).resolve().is_relative_to(here))


def files_of_checkpoint(folder: Path) -> list[str]:
    """Return the weights and configs in an editor's folder, those its checksum is made of."""
    kinds = (".safetensors", ".json", ".txt", ".model")
    return [file for file in files_below(folder) if file.endswith(kinds)]


def files_of_pretrained(folder: Path) -> list[str]:
    """Return `files_of_checkpoint`, and weights that torch has pickled, where they are read too."""
    bins = [file for file in files_below(folder) if file.endswith(".bin")]
    return [*files_of_checkpoint(folder), *bins]


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


def _is_file(path: str) -> bool:
    try:
        return os.path.isfile(path)  # noqa: PTH113
    except ValueError:
        return False


def _parameters(file: Path) -> int:
    try:
        with file.open("rb") as content:
            length = int.from_bytes(content.read(8), "little")
            header = json.loads(content.read(min(length, 100_000_000)))
        return sum(math.prod(item["shape"]) for item in header.values() if "shape" in item)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return 0  # the rule that loads it says what is wrong
