"""Models in rows and columns, by the two parts of their names. Standard library only."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple


class Arranged(NamedTuple):
    """Models by two factors, such as architecture and training data.

    Attributes
    ----------
    rows, columns
        Titles.
    models
        A list a row of the models in its columns; None where there is no such model.
    """

    rows: list[str]
    columns: list[str]
    models: list[list[str | None]]


def arranged(given: Mapping[str, Any], models: Collection[str]) -> Arranged:
    """Return which model is in which row and column.

    Parameters
    ----------
    given
        ``rows`` and ``columns``, each part of a name → title, and ``names``, how a model is called:
        with ``{row}`` and ``{column}`` in it.
    models
        Those that there are.
    """
    names = [
        [
            given["names"].replace("{row}", row).replace("{column}", column)
            for column in given["columns"]
        ]
        for row in given["rows"]
    ]
    found = [[name if name in models else None for name in line] for line in names]
    return Arranged(list(given["rows"].values()), list(given["columns"].values()), found)
