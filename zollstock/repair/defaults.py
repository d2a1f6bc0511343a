"""Settings of a registry's entry, with those that were not given."""

from collections.abc import Mapping
from typing import Any

from zollstock.errors import ZollstockError, did_you_mean


def with_defaults(
    settings: Mapping[str, Any], defaults: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """Return settings with those that were not given.

    Parameters
    ----------
    settings
        Some of them, and maybe ``name``.
    defaults
        All there are.
    where
        What has them, for messages.

    Raises
    ------
    ZollstockError
        If one is not known.
    """
    for key in settings:
        if key != "name" and key not in defaults:
            raise ZollstockError(
                where,
                f"has the setting '{key}'",
                f"some of {', '.join(defaults)}" if defaults else "none, as it has no settings",
                did_you_mean(key, defaults, "Remove it."),
            )
    return {**defaults, **settings}
