"""What YAML makes of words: on, yes, 010 and 1:30 are no text."""

import datetime
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from zollstock.errors import ZollstockError

QUOTES = (
    "Put it into quotes: without them YAML reads on, off, yes and no as true and false, ~ as "
    "nothing, and what looks like a number or a date as one."
)
_OPEN = ("arguments",)
"""Keys below which a user may write what they like."""

# As YAML 1.1 has them: numbers to the base 8 and to the base 60.
_OCTAL = r"[-+]?0[0-7_]+"
_SEXAGESIMAL = r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
_ODD = re.compile(f"(?:{_OCTAL}|{_SEXAGESIMAL})")
_MAYBE = re.compile(rf"[:\[,-]\s+{_ODD.pattern}\s*(?:[,\]#}}]|$)|\[{_ODD.pattern}", re.MULTILINE)


def spelled(value: Any, longest: int = 80) -> str:  # noqa: ANN401
    """Return a value as YAML writes it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    shown = value.isoformat() if isinstance(value, datetime.date) else repr(value)
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def check_words(config: Mapping[str, Any], source: str) -> None:
    """Check what only the spelling of a file tells: keys that are no text, and odd numbers.

    Raises
    ------
    ZollstockError
        For a key that YAML took for something else, and for a number to the base 8 or 60.
    """
    for parents, key in _keys(config):
        if not isinstance(key, str):
            raise ZollstockError(
                ": ".join(filter(None, [source, ".".join(parents)])),
                f"has the key {spelled(key)}",
                "text as a key",
                QUOTES,
            )
    file = Path(source)
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    if not _MAYBE.search(text):
        return
    import yaml  # takes longer than the rest, and is hardly ever needed

    try:
        written = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return
    for path, word, value in _beside(written, config):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and _ODD.fullmatch(word):
            base = "60" if ":" in word else "8"
            raise ZollstockError(
                f"{source}: {path}",
                f"is {word}, which YAML takes for a number to the base {base}: {value:g}",
                "a number to the base 10, or text in quotes",
                f"Write {value:g} if that is meant.",
            )


def check_numbers(config: Any, read: Any, source: str, path: str = "") -> None:  # noqa: ANN401
    """Check that true and false, which words like on and yes become, did not pass for 1 and 0.

    Parameters
    ----------
    config, read
        The settings as they were written, and as they were read.
    source, path
        File and key, for messages.
    """
    if isinstance(config, Mapping) and isinstance(read, Mapping):
        for key in config.keys() & read.keys():
            check_numbers(config[key], read[key], source, f"{path}.{key}" if path else str(key))
    elif isinstance(config, list) and isinstance(read, list):
        for place, (one, two) in enumerate(zip(config, read, strict=False)):
            check_numbers(one, two, source, f"{path}.{place}")
    elif isinstance(config, bool) and isinstance(read, int | float) and not isinstance(read, bool):
        raise ZollstockError(
            f"{source}: {path}", f"is {spelled(config)}", "a number", "Write the number."
        )


def _keys(config: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401
    if isinstance(config, Mapping):
        for key, value in config.items():
            yield path, key
            if path[-1:] != _OPEN:
                yield from _keys(value, (*path, str(key)))


def _beside(written: Any, read: Any, path: str = "") -> Iterator[tuple[str, str, Any]]:  # noqa: ANN401
    """Yield key, word and value of all that stands in a file."""
    if isinstance(written, Mapping) and isinstance(read, Mapping):
        for key, value in written.items():
            if key in read:
                yield from _beside(value, read[key], f"{path}.{key}" if path else key)
    elif isinstance(written, list) and isinstance(read, list):
        for place, (one, two) in enumerate(zip(written, read, strict=False)):
            yield from _beside(one, two, f"{path}.{place}")
    elif isinstance(written, str):
        yield path, written, read
