"""What a user is told where the settings are wrong: one line, in words of their own."""

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.settings.base import NAME_PATTERN, NOT_BLANK
from zollstock.settings.spelling import QUOTES, spelled

_README = "See config/README.md for its meaning."
_PATTERNS = {
    NAME_PATTERN: "a name of letters, digits, '_' and '-', led by a letter or digit",
    NOT_BLANK: "words, not blanks alone",
}
# Kind of an error → what was expected; numbers come from the error.
_WANTED = {
    "string_type": "text",
    "string_sub_type": "text",
    "string_unicode": "text",
    "string_too_short": "at least {min_length} letters",
    "string_too_long": "at most {max_length} letters",
    "string_pattern_mismatch": "text of another form",
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_parsing_size": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "a number below {lt}",
    "less_than_equal": "{le} or less",
}


def explain(
    error: ValidationError, config: Mapping[str, Any], source: str, root: type[BaseModel]
) -> ZollstockError:
    """Turn validation errors into lines for the user, one for each key that is wrong.

    Parameters
    ----------
    error
        What pydantic found.
    config
        What was checked.
    source
        The file it came from.
    root
        The model it was checked by.

    Returns
    -------
    ZollstockError
        For the first; its `others` are those for all further keys.
    """
    # Unknown keys first: a misspelt required key shows as "missing" and as "unknown". Then names.
    ordered = sorted(
        error.errors(),
        key=lambda found: (found["type"] != "extra_forbidden", found["loc"][-1:] != ("[key]",)),
    )
    unknown: set[tuple[int | str, ...]] = set()
    met: list[tuple[int | str, ...]] = []
    lines = []
    for details in ordered:
        path = tuple(_key_path(details["loc"], config))
        # Members of a union complain each, of the key itself or of what is in it.
        inside = any(path[: len(other)] == other or other[: len(path)] == path for other in met)
        if inside or (details["type"] == "missing" and path[:-1] in unknown):
            continue
        if details["type"] == "extra_forbidden":
            unknown.add(path[:-1])
        met.append(path)
        lines.append(_line(error, details, config, source, root))
    first, *others = lines
    first.others = others
    return first


def _line(
    error: ValidationError,
    details: ErrorDetails,
    config: Mapping[str, Any],
    source: str,
    root: type[BaseModel],
) -> ZollstockError:
    """Turn one error into a line."""
    # Pydantic puts the tag of a tagged union ("renderer") into the location; it is no key.
    path = list(_key_path(details["loc"], config))
    key = ".".join(str(part) for part in path)
    kind = details["type"]
    if kind == "extra_forbidden":
        # A section that several engines share is met once with each.
        known = list(dict.fromkeys(_fields_at(path[:-1], config, root)))
        return ZollstockError(
            f"{source}: {key}",
            "is not a key that is known here",
            "a known key",
            did_you_mean(path[-1], known),
        )
    if kind == "missing":
        return ZollstockError(f"{source}: {key}", "is missing", "a value", _README)
    found = spelled(details["input"])
    expected = _wanted(details)
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        ctx = details["ctx"]
        tag = ctx["discriminator"].strip("'")
        tag = "family" if tag.endswith("()") else tag  # models are told apart by a function
        if isinstance(details["input"], Mapping):
            key = f"{key}.{tag}"
            found = f"'{ctx['tag']}'" if "tag" in ctx else "missing"
            expected = f"one of {ctx['expected_tags']}" if "tag" in ctx else "a value"
    of_key = details["loc"][-1:] == ("[key]",)
    alternatives = [] if of_key else _alternatives(error, path, config)
    if len(alternatives) > 1:
        expected = " or ".join(alternatives)
    # Words that YAML takes for something else: on, 010, 1:30, 2024-01-01.
    word = "text" in expected.split(" or ") and not isinstance(details["input"], list | dict | None)
    return ZollstockError(f"{source}: {key}", f"is {found}", expected, QUOTES if word else _README)


def _wanted(details: ErrorDetails) -> str:
    """Return what was expected instead."""
    kind, ctx = details["type"], details.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(ctx["pattern"], _WANTED[kind])
    if kind == "string_too_short" and ctx["min_length"] == 1:
        return "words, not nothing"
    if kind in {"too_short", "too_long"}:
        least = ctx.get("min_length", ctx.get("max_length"))
        entries = "entry" if least == 1 else "entries"
        return f"{'at least' if kind == 'too_short' else 'at most'} {least} {entries}"
    if kind in _WANTED:
        return _WANTED[kind].format(**ctx)
    if kind.startswith("union_tag"):
        return "keys with values"
    return details["msg"].removeprefix("Input should be ").removeprefix("Value error, ")


def _alternatives(
    error: ValidationError, path: list[int | str], config: Mapping[str, Any]
) -> list[str]:
    """Return what each member of a union expected at a key."""
    here = [item for item in error.errors() if list(_key_path(item["loc"], config)) == path]
    return list(dict.fromkeys(_wanted(item) for item in here))


def _key_path(loc: tuple[int | str, ...], config: Mapping[str, Any]) -> Iterator[int | str]:
    """Yield those parts of a pydantic location that are keys of the configuration."""
    value: Any = config
    for position, part in enumerate(loc):
        if isinstance(value, Mapping) and part not in value and position < len(loc) - 1:
            continue
        if part == "[key]":
            continue
        if not isinstance(value, Mapping | list) or (
            isinstance(value, list) and not isinstance(part, int)
        ):
            continue
        yield part
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(part, int) and part < len(value):
            value = value[part]


def _fields_at(
    path: list[int | str], config: Mapping[str, Any], root: type[BaseModel]
) -> Iterator[str]:
    """Yield the field names that are legal at a path of the configuration."""
    kinds: list[Any] = [root]
    value: Any = config
    for part in path:
        inner: list[Any] = []
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                if part in kind.model_fields:
                    inner += _members(kind.model_fields[str(part)].annotation)
            else:
                inner += _members(get_args(kind)[-1] if get_args(kind) else kind)
        kinds = inner
        value = value.get(part) if isinstance(value, Mapping) else None
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            tags = [
                "module:function" if field.is_required() else field.default
                for name, field in kind.model_fields.items()
                if name in {"source", "engine", "family"}
            ]
            keys = value if isinstance(value, Mapping) else {}
            chosen = keys.get("source", keys.get("engine", keys.get("family", "convmixer")))
            chosen = "module:function" if ":" in str(chosen) else chosen
            if len(kinds) == 1 or not tags or chosen in tags:
                yield from kind.model_fields


def _members(annotation: Any) -> list[Any]:  # noqa: ANN401
    """Return the types a (possibly annotated, possibly union) annotation allows."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        return [member for arg in get_args(annotation) for member in _members(arg)]
    return [annotation]
