"""The user's own files that a study reads, for Snakemake's inputs. Standard library only."""

import csv
import glob
from pathlib import Path


def files_below(folder: Path) -> list[Path]:
    """Return all files below a folder, hidden ones left out, in a fixed order."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def files_in_table(table: Path, root: Path | None = None) -> list[Path]:
    """Return a CSV and the files that its column ``path`` names, as far as they exist."""
    base = root if root is not None else table.parent
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, skipinitialspace=True)
            named = [base / row["path"] for row in rows if row.get("path")]
    except (OSError, UnicodeDecodeError, csv.Error):
        named = []  # the rule that reads it says what is wrong
    return [table, *sorted({path for path in named if path.is_file()})]


def files_matching(pattern: str) -> list[Path]:
    """Return the files and folders that a path with ``{image}`` may mean."""
    # Path.glob cannot start at an absolute or a parent folder.
    names = glob.glob("*".join(glob.escape(part) for part in pattern.split("{image}")))  # noqa: PTH207
    return sorted(Path(name) for name in names)


def files_of_series(pattern: str) -> list[Path]:
    """Return the files of all series that a property's path, with ``{image}``, may mean."""
    files: set[Path] = set()
    for path in files_matching(pattern):
        if path.is_dir():
            files |= set(files_below(path))
        elif path.suffix.lower() == ".csv":
            files |= set(files_in_table(path))
    return sorted(files)
