"""Listing candidate files: a folder with labels, or a CSV of paths."""

import hashlib
import os
import re
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from zollstock.errors import ZollstockError


@dataclass(frozen=True)
class Candidate:
    """A file that may become an image of the study."""

    id: str
    label: str
    path: Path


def safe_id(text: str) -> str:
    """Turn a relative path or a name into an id of letters, digits, '_', '-' and '.'."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.") or "image"


def list_folder(folder: Path, labels: Path | None = None) -> list[Candidate]:
    """List the files of a folder with their labels.

    Parameters
    ----------
    folder
        With one subfolder per class (searched to any depth), or with the files that
        `labels` names.
    labels
        CSV with the columns ``path`` (relative to the folder) and ``label``.

    Raises
    ------
    ZollstockError
        If the folder cannot be read, has no class folders, or the CSV is wrong.
    """
    if not folder.is_dir():
        raise ZollstockError(
            folder, "is not a folder", "a folder of images", "Check images.path in the config."
        )
    if labels is not None:
        return list_csv(labels, folder)
    try:
        classes = sorted(
            child for child in folder.iterdir() if child.is_dir() and child.name[0] != "."
        )
        found = [
            (child.name, path)
            for child in classes
            for path in _files_below(child)
            if not any(part[0] == "." for part in path.relative_to(folder).parts)
        ]
    except OSError as error:
        raise ZollstockError(
            folder, f"cannot be read ({error})", "a readable folder", "Check its permissions."
        ) from None
    if not found:
        raise ZollstockError(
            folder,
            "has no subfolder with files",
            "one subfolder per class, or a CSV of labels",
            "Sort the images into subfolders named after their classes, or set images.labels.",
        )
    return _with_ids([(label, path, path.relative_to(folder)) for label, path in found])


def list_csv(table: Path, root: Path | None = None) -> list[Candidate]:
    """List the files that a CSV names.

    Parameters
    ----------
    table
        CSV with the columns ``path`` and ``label``, optionally ``id``.
    root
        Folder that relative paths start from; by default the CSV's own.

    Raises
    ------
    ZollstockError
        If the CSV is missing, malformed, empty, or names an id twice.
    """
    rows = read_csv(table, ["path", "label"])
    base = root if root is not None else table.parent
    for line, path, label in zip(rows.index + 2, rows["path"], rows["label"], strict=True):
        if not label.strip():
            raise ZollstockError(
                f"{table}, line {line}", "has no label", "the name of a class", "Add it."
            )
        if not Path(path).name:
            raise ZollstockError(
                f"{table}, line {line}", f"path is '{path}'", "the name of a file", "Correct it."
            )
    if "id" in rows.columns:
        ids = [safe_id(text) for text in rows["id"]]
        twice = sorted(name for name, count in Counter(ids).items() if count > 1)
        if twice:
            raise ZollstockError(
                table, f"names the id '{twice[0]}' twice", "unique ids", "Rename one of them."
            )
        return [
            Candidate(name, label, base / path)
            for name, label, path in zip(ids, rows["label"], rows["path"], strict=True)
        ]
    return _with_ids(
        [
            (label, base / path, Path(path))
            for label, path in zip(rows["label"], rows["path"], strict=True)
        ]
    )


def read_csv(table: Path, columns: list[str]) -> pd.DataFrame:
    """Read a CSV of strings that must have `columns` and at least one row.

    Returns
    -------
    DataFrame
        Without empty lines; the index is the line of the file less 2.
    """
    try:
        with warnings.catch_warnings():
            # Of a line with more cells than the header some would be lost.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            rows = pd.read_csv(
                table,
                dtype=str,
                keep_default_na=False,
                skipinitialspace=True,
                skip_blank_lines=False,
                index_col=False,
            )
    except FileNotFoundError:
        raise ZollstockError(table, "is missing", "a CSV file", "Check the path.") from None
    except (
        OSError,
        UnicodeDecodeError,
        pd.errors.ParserError,
        pd.errors.ParserWarning,
        pd.errors.EmptyDataError,
    ) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "empty"
        raise ZollstockError(
            table,
            f"cannot be read as CSV ({reason})",
            f"a comma-separated table with the columns {', '.join(columns)}",
            "Write it again as UTF-8 CSV.",
        ) from None
    rows = rows[(rows != "").any(axis=1)]
    missing = [name for name in columns if name not in rows.columns]
    if missing or rows.empty:
        found = f"has no column '{missing[0]}'" if missing else "has no rows"
        raise ZollstockError(
            table, found, f"rows with the columns {', '.join(columns)}", "Add what is missing."
        )
    return rows


def _with_ids(found: list[tuple[str, Path, Path]]) -> list[Candidate]:
    """Name files by their relative path; where two clash, the extension is kept.

    Where names still clash, e.g. because only letters outside ASCII tell them apart, a hash
    of the path is added.
    """
    # The same file listed twice keeps its first row.
    first = {relative.as_posix(): (label, path) for label, path, relative in reversed(found)}
    files = {name: first[name] for name in dict.fromkeys(item[2].as_posix() for item in found)}
    ids = {name: safe_id(Path(name).with_suffix("").as_posix()) for name in files}
    for longer in (safe_id, _hashed_id):
        counts = Counter(ids.values())
        ids = {name: id_ if counts[id_] == 1 else longer(name) for name, id_ in ids.items()}
    return [Candidate(ids[name], label, path) for name, (label, path) in files.items()]


def _hashed_id(name: str) -> str:
    return f"{safe_id(name)}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _files_below(folder: Path) -> list[Path]:
    """Return the files at any depth, sorted; raise OSError where a folder cannot be read."""

    def fail(error: OSError) -> None:
        raise error

    walk = os.walk(folder, onerror=fail)
    found = [Path(where) / name for where, _, names in walk for name in names]
    return sorted(path for path in found if path.is_file())
