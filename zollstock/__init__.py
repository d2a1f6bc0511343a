"""zollstock measures how much an image classifier's decision depends on a property."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zollstock.scoring.facade import Zollstock as Zollstock

__version__ = "0.3.0"
__all__ = ["Zollstock", "__version__"]

_LAZY = {"Zollstock": "zollstock.scoring.facade"}


def __getattr__(name: str) -> object:
    """Import a public name on its first use, so that ``import zollstock`` stays cheap."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
