"""config/README.md, from the settings."""

import json
import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from zollstock.settings import Study


def settings_page() -> str:
    """Return config/README.md."""
    parts = [
        "# Settings\n",
        "One file describes a study. `config.yaml` is the default; run another one with\n"
        "`snakemake --configfile FILE`. Unknown keys are refused. This page is generated from\n"
        "`zollstock/settings` by `make docs`.\n",
        *_tables(Study, "", {}),
    ]
    return "\n".join(parts)


def _tables(section: type[BaseModel], path: str, told: dict[type[BaseModel], str]) -> Iterator[str]:
    """Yield the table of a section and of those in it, each kind of section once.

    `told` has the kinds that have a table, and under which heading.
    """
    heading = f"## `{path}`" if path else "## Top level"
    yield f"{heading}\n\n{(section.__doc__ or '').strip().splitlines()[0]}\n"
    yield "| key | type | default | meaning |\n| --- | --- | --- | --- |"
    inner: list[tuple[type[BaseModel], str]] = []
    rows = []
    for name, field in _in_order(section):
        sections = list(dict.fromkeys(_sections(field.annotation)))
        # A value that may be written in a word, too, has a default of its own.
        only = bool(sections) and not _has_words(field.annotation)
        is_mapping = get_origin(field.annotation) is dict
        for found in sections:
            label = f"{path}.{name}" if path else name
            label += ".NAME" if is_mapping else ""
            tag = next((k for k in ("source", "engine", "family") if k in found.model_fields), None)
            label += f"` with `{tag}: {_tag(found.model_fields[tag])}" if tag else ""
            called = getattr(found, "called", None)
            label += f"` with `method: {called}" if called else ""
            if found not in told:
                told[found] = label
                inner.append((found, label))
        default = "" if only else _default(field.default)
        if field.is_required():
            default = "required"
        meaning = field.description or "Chooses this kind."
        kind = "section" if only else _kind(field.annotation)
        if only and sections[0] not in [found for found, _ in inner]:
            kind = f"section, as `{told[sections[0]]}`"
        rows.append(f"| `{name}` | {kind} | {default} | {meaning} |")
    yield "\n".join(rows) + "\n"
    for found, label in inner:
        yield from _tables(found, label, told)


def _tag(field: FieldInfo) -> str:
    """Return what chooses a kind; a model's own builder is any `module:function`."""
    return "module:function" if field.is_required() else str(field.default)


def _in_order(section: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    """Return a section's fields, what chooses its kind first and its own before inherited ones."""
    own = section.__annotations__
    return sorted(
        section.model_fields.items(),
        key=lambda item: (item[0] not in {"source", "engine", "family"}, item[0] not in own),
    )


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        if not isinstance(argument, str | int | float):
            yield from _sections(argument)


def _has_words(annotation: Any) -> bool:  # noqa: ANN401
    """Return whether a value may be text, or a number, where it is no section."""
    if get_origin(annotation) in {Annotated, Union, types.UnionType}:
        return any(_has_words(argument) for argument in get_args(annotation))
    return annotation in (str, int, float)


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "empty"
    return f"`{json.dumps(value)}`"


def _kind(annotation: Any) -> str:  # noqa: ANN401
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin in {Union, types.UnionType}:
        return " or ".join(dict.fromkeys(_kind(argument) for argument in arguments))
    if str(origin) == "typing.Literal":
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is list:
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return "mapping"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return names.get(annotation, "null" if annotation is type(None) else "any")
