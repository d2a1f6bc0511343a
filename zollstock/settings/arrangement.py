"""Settings of how a study's models are put into rows and columns."""

from collections.abc import Collection

from pydantic import Field

from zollstock.arrangement import arranged
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.settings.base import Name, Section


class ArrangementSettings(Section):
    """Models by two factors, e.g. architectures in rows and what they were trained on in columns.

    The paper's table then has a block for each property, and each property a figure with a panel a
    row and a curve a column.
    """

    rows: dict[Name, str] = Field(
        min_length=1, description="Part of the models' names → title of the row."
    )
    columns: dict[Name, str] = Field(
        min_length=1, description="Part of the models' names → title of the column."
    )
    names: str = Field(
        "{row}_{column}",
        pattern=r"(\{row\}.*\{column\})|(\{column\}.*\{row\})",
        description="How the model of a row and a column is called.",
    )


def check_arrangement(given: ArrangementSettings, models: Collection[str], where: str) -> None:
    """Check that every model has a place, and that no row or column is empty.

    Raises
    ------
    ZollstockError
        Naming the key below `where`.
    """
    found = arranged(given.model_dump(), models)
    columns = list(zip(*found.models, strict=True))
    for key, parts, lines in (
        ("rows", given.rows, found.models),
        ("columns", given.columns, columns),
    ):
        for part, line in zip(parts, lines, strict=True):
            if not any(line):
                sought = given.names.replace(f"{{{key[:-1]}}}", part)
                raise ZollstockError(
                    f"{where}.{key}",
                    f"has '{part}', and no model is called {sought}",
                    "parts of the names of models",
                    did_you_mean(part, list(models)),
                )
    placed = {name for line in found.models for name in line}
    if left := [name for name in models if name not in placed]:
        raise ZollstockError(
            where,
            f"has no place for the model '{left[0]}'",
            f"a row and a column for each model, called {given.names}",
            "Add its row or column, or rename it.",
        )
