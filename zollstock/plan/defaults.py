"""What a study is asked for where its settings say nothing."""

from typing import Any

from zollstock.settings import Study


def defaults_of(section: str) -> dict[str, Any]:
    """Return a section of a config file with its defaults alone, as plain values."""
    found: dict[str, Any] = Study.model_fields[section].get_default().model_dump()
    return found
