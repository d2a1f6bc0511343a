"""Which properties the stages after scoring look at, and checks that they share."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.settings.known import check_known


def looked_at(properties: Mapping[str, Any], wanted: Sequence[str] | None) -> list[str]:
    """Return whose paths are looked at: those that are wanted, or all but placebos and grids."""
    if wanted is not None:
        return list(wanted)
    return [name for name, prop in properties.items() if not prop.grid and not prop.placebo]


def check_looked_at(
    properties: Mapping[str, Any], wanted: Sequence[str] | None, kind: str, where: str
) -> list[str]:
    """Return whose paths a stage looks at, after checks that what is followed is one number.

    Parameters
    ----------
    properties
        Of the study: name → settings.
    wanted
        The section's ``properties``.
    kind
        Of the output that is followed, the first one.
    where
        File and key of the section, for messages.

    Raises
    ------
    ZollstockError
        Naming the key.
    """
    able = looked_at(properties, None)
    chosen = looked_at(properties, wanted)
    for name in chosen:
        check_name(name, able, f"{where}.properties")
    if not chosen:
        raise ZollstockError(
            f"{where}.properties",
            "leaves no property",
            "one at least that is no placebo and no grid",
            "Name a property, or leave the section out.",
        )
    check_one_number(kind, "an output that is one number, of which there are gradients", where)
    return chosen


def check_one_number(kind: str, expected: str, where: str) -> None:
    """Check that what is followed is one number.

    Raises
    ------
    ZollstockError
        If it is all of them at once.
    """
    if kind == "vector":
        raise ZollstockError(
            where,
            "is set beside scoring.output: vector",
            expected,
            "Name one output before 'vector', or leave the section out.",
        )


def check_name(name: str, known: Collection[str], where: str) -> None:
    """Check that a property is among those whose paths are looked at.

    Raises
    ------
    ZollstockError
        If it is not.
    """
    expected = "a property whose paths are looked at: no placebo and no grid"
    check_known(name, known, expected, where)
