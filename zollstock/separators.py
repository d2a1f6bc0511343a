"""What separates the cells of a user's table. Standard library only: the plan asks too."""

import csv
from collections.abc import Sequence
from pathlib import Path

SEPARATORS = (",", ";", "\t", "|")


def separator_of(header: str, columns: Sequence[str]) -> str:
    """Return the separator of a table: the first by which its header holds `columns`, or a comma.

    Parameters
    ----------
    header
        The table's first line.
    columns
        Names that must be among its cells.
    """
    for separator in SEPARATORS:
        if set(columns) <= set(cells_of(header, separator)):
            return separator
    # Nothing fits; so the message shows the cells as they are meant.
    return max(SEPARATORS, key=lambda sign: len(cells_of(header, sign)))


def cells_of(header: str, separator: str) -> list[str]:
    """Return the cells of a line."""
    rows = csv.reader([header.strip("\r\n")], delimiter=separator, skipinitialspace=True)
    return [cell.strip() for row in rows for cell in row]


def header_of(table: Path) -> tuple[int, str]:
    """Return how many lines stand before a table's header, and the header.

    Empty ones, and the ``sep=`` that some programs write.

    Raises
    ------
    OSError, UnicodeDecodeError
        If it cannot be read.
    """
    with table.open(encoding="utf-8-sig", newline="") as file:
        for number, line in enumerate(file):
            if line.strip() and not line.lower().startswith("sep="):
                return number, line
    return 0, ""
