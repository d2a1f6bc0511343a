"""Packages that one family alone needs, and that do not come with zollstock."""

import importlib
from typing import Any

from zollstock.errors import ZollstockError


def imported(module: str, install: str) -> Any:  # noqa: ANN401
    """Return a module.

    Parameters
    ----------
    module
        Its name.
    install
        The command that installs it.

    Raises
    ------
    ZollstockError
        If it cannot be imported, naming the command.
    """
    try:
        return importlib.import_module(module)
    except Exception as error:  # one that does not fit torch fails in its own ways
        package = module.partition(".")[0]
        missing = isinstance(error, ModuleNotFoundError) and error.name == package
        raise ZollstockError(
            "models: family",
            f"needs {package}, which "
            + ("is not installed" if missing else f"cannot be imported ({first_line(error)})"),
            f"{package} in the environment that runs the models",
            f"Run: {install}",
        ) from None


def first_line(error: BaseException) -> str:
    """Return what an exception says, in one line."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:200]
