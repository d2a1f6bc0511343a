"""A name that a section gives, checked against what the study has."""

from collections.abc import Collection

from zollstock.errors import ZollstockError, did_you_mean


def check_known(name: str, known: Collection[str], expected: str, where: str) -> None:
    """Check that a name is known.

    Parameters
    ----------
    name
        What a section gives.
    known
        What there is.
    expected
        In words, what it has to be, for the message.
    where
        File and key, for the message.

    Raises
    ------
    ZollstockError
        If it is not.
    """
    if name not in known:
        raise ZollstockError(where, f"names '{name}'", expected, did_you_mean(name, known))
