"""Listing candidate files: a folder with labels, or a CSV of paths."""

import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pandas as pd

from zollstock.errors import ZollstockError, printable
from zollstock.folders import entries, files_in_classes, located
from zollstock.ids import ids_of_files, unique_ids
from zollstock.images.labels import UNLABELLED
from zollstock.images.reading import RGB
from zollstock.separators import cells_of, header_of, separator_of


@dataclass(frozen=True)
class Candidate:
    """A picture that may become an image of the study.

    Attributes
    ----------
    id, label
        Its id and its class.
    path
        Its file, or where it stands in one.
    name
        What the user calls it.
    pixels
        What reads it, where it has no file of its own.
    """

    id: str
    label: str
    path: Path
    name: str = field(default="", compare=False)
    pixels: Callable[[], RGB] | None = field(default=None, compare=False)


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
    found = [(Path(child).name, Path(file)) for child, file in _in_classes(folder)]
    if found and (loose := _with_links(folder)):
        first = printable(Path(loose[0]).name)
        print(
            f"{folder}: {len(loose)} files lie beside the class folders and are no images of the "
            f"study, e.g. {first}",
            file=sys.stderr,
        )
    if not found:
        # A flat folder: pictures without labels.
        found = [(UNLABELLED, Path(file)) for file in _with_links(folder)]
    if not found:
        raise ZollstockError(
            folder,
            "holds no files",
            "pictures, or one subfolder of pictures per class",
            "Check images.path in the config.",
        )
    return _with_ids(
        [(printable(label), path, path.relative_to(folder)) for label, path in found],
        with_folders=True,
    )


def _in_classes(folder: Path) -> list[tuple[str, str]]:
    def fail(error: OSError) -> NoReturn:
        raise ZollstockError(
            folder, f"cannot be read ({error})", "a readable folder", "Check its permissions."
        ) from None

    try:
        return files_in_classes(folder, fail, dead=True)
    except OSError as error:
        fail(error)


def _with_links(folder: Path) -> list[str]:
    """Return the files in a folder and the links that lead nowhere, which are named as missing."""
    lost: list[str] = []
    files = entries(folder, lost)[0]
    return sorted([*files, *filter(os.path.islink, lost)])


def list_csv(table: Path, root: Path | None = None) -> list[Candidate]:
    """List the files that a CSV names.

    Parameters
    ----------
    table
        CSV with the column ``path``, optionally ``label`` (of all rows) and ``id``.
    root
        Folder that relative paths start from; by default the CSV's own.

    Raises
    ------
    ZollstockError
        If the CSV is missing, malformed, empty, lacks an id, or names an id twice.
    """
    rows = read_csv(table, ["path"])
    if "label" not in rows.columns:
        rows["label"] = UNLABELLED
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
    paths = [located(base / path) for path in rows["path"]]
    if "id" in rows.columns:
        for line, name in zip(rows.index + 2, rows["id"], strict=True):
            if not name.strip():
                raise ZollstockError(
                    f"{table}, line {line}",
                    "has no id",
                    "an id in every row, or no column id",
                    "Add it, or leave the column out: ids are then made of the files' names.",
                )
        twice = sorted(name for name, count in Counter(rows["id"]).items() if count > 1)
        if twice:
            raise ZollstockError(
                table, f"names the id '{twice[0]}' twice", "unique ids", "Rename one of them."
            )
        ids = unique_ids(list(rows["id"]))
        named = zip(ids, rows["label"], paths, rows["id"], strict=True)
        return [Candidate(*each) for each in named]
    labels: dict[Path, str] = {}
    for line, path, label in zip(rows.index + 2, paths, rows["label"], strict=True):
        if labels.setdefault(path, label) != label:
            said = f"gives {path.name} the label '{label}', a row above '{labels[path]}'"
            print(f"{table}, line {line}: {said}, which counts", file=sys.stderr)
    listed = zip(rows["label"], paths, map(Path, rows["path"]), strict=True)
    return _with_ids(list(listed), with_folders=False)


def read_csv(table: Path, columns: list[str]) -> pd.DataFrame:
    """Read a CSV of strings that must have `columns` and at least one row.

    Returns
    -------
    DataFrame
        Without empty lines; the index is the line of the file less 2.
    """
    try:
        before, header = header_of(table)
        separator = separator_of(header, columns)
        with warnings.catch_warnings():
            # Of a line with more cells than the header some would be lost.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            rows = pd.read_csv(
                table,
                sep=separator,
                skiprows=before,
                encoding="utf-8-sig",
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
            f"a table with the columns {', '.join(columns)}",
            "Write it again as UTF-8 CSV.",
        ) from None
    rows.columns = rows.columns.str.strip()
    rows.index += before
    rows = rows[(rows != "").any(axis=1)]
    missing = [name for name in columns if name not in rows.columns]
    if missing or rows.empty:
        seen = "', '".join(cells_of(header, separator))
        found = f"has no column '{missing[0]}', only '{seen}'" if missing else "has no rows"
        raise ZollstockError(
            table, found, f"rows with the columns {', '.join(columns)}", "Add what is missing."
        )
    return rows


def _with_ids(found: list[tuple[str, Path, Path]], *, with_folders: bool) -> list[Candidate]:
    """Give ids to files, each with its label and its path relative to the folder."""
    # The same file listed twice keeps its first row.
    first = {relative.as_posix(): (label, path) for label, path, relative in reversed(found)}
    files = list(dict.fromkeys(item[2].as_posix() for item in found))
    ids = ids_of_files(files, with_folders=with_folders)
    return [
        Candidate(id_, *first[file], name) for file, (id_, name) in zip(files, ids, strict=True)
    ]
