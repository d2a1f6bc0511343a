"""Which model an error is about: whoever has several needs its name."""

from collections.abc import Iterator
from contextlib import contextmanager

from zollstock.errors import ZollstockError


@contextmanager
def speaking_of(name: str) -> Iterator[None]:
    """Let errors about a key of a model, ``models: family``, say whose: ``models.NAME.family``.

    Raises
    ------
    ZollstockError
        The same one; any others pass as they are.
    """
    try:
        yield
    except ZollstockError as error:
        if not error.where.startswith("models: "):
            raise
        where = error.where.replace("models: ", f"models.{name}.", 1)
        raise ZollstockError(where, error.found, error.expected, error.fix) from None
