"""Write the files that follow from others: `make docs`.

config/README.md and workflow/schemas/config.schema.json follow from the settings,
envs/*.yaml from what the scripts import and the lock. A test compares them.
"""

import json
import re
import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from workflow.imports import ROOT, packages
from zollstock.engines.registry import MODULES
from zollstock.settings import Study

PYTHON = "3.11"

ENVIRONMENTS = {
    "models": "train, import and run models",
    "interventions": "make frames",
    "scoring": "score and test",
    "figures": "draw",
}


def main() -> None:
    """Write every generated file."""
    for path, text in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(path.relative_to(ROOT))


def generated() -> dict[Path, str]:
    """Return path → content of every generated file."""
    schema = json.dumps(Study.model_json_schema(), indent=1) + "\n"
    files = {
        ROOT / "config" / "README.md": settings_page(),
        ROOT / "workflow" / "schemas" / "config.schema.json": schema,
    }
    for name, purpose in ENVIRONMENTS.items():
        files[ROOT / "envs" / f"{name}.yaml"] = environment(name, purpose)
    return files


# --- settings -----------------------------------------------------------------


def settings_page() -> str:
    """Return config/README.md."""
    parts = [
        "# Settings\n",
        "One file describes a study. `config.yaml` is the default; run another one with\n"
        "`snakemake --configfile FILE`. Unknown keys are refused. This page is generated from\n"
        "`zollstock/settings` by `make docs`.\n",
        *_tables(Study, ""),
    ]
    return "\n".join(parts)


def _tables(section: type[BaseModel], path: str) -> Iterator[str]:
    heading = f"## `{path}`" if path else "## Top level"
    yield f"{heading}\n\n{(section.__doc__ or '').strip().splitlines()[0]}\n"
    yield "| key | type | default | meaning |\n| --- | --- | --- | --- |"
    inner: list[tuple[type[BaseModel], str]] = []
    rows = []
    for name, field in _in_order(section):
        sections = list(_sections(field.annotation))
        is_mapping = get_origin(field.annotation) is dict
        for found in sections:
            label = f"{path}.{name}" if path else name
            label += ".NAME" if is_mapping else ""
            tag = next((k for k in ("source", "engine") if k in found.model_fields), None)
            label += f"` with `{tag}: {found.model_fields[tag].default}" if tag else ""
            inner.append((found, label))
        default = "" if sections else _default(field.default)
        if field.is_required():
            default = "required"
        meaning = field.description or "Chooses this kind."
        kind = "section" if sections else _kind(field.annotation)
        rows.append(f"| `{name}` | {kind} | {default} | {meaning} |")
    yield "\n".join(rows) + "\n"
    for found, label in inner:
        yield from _tables(found, label)


def _in_order(section: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    """Return a section's fields, what chooses its kind first and its own before inherited ones."""
    own = section.__annotations__
    return sorted(
        section.model_fields.items(),
        key=lambda item: (item[0] not in {"source", "engine"}, item[0] not in own),
    )


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        if not isinstance(argument, str | int | float):
            yield from _sections(argument)


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "empty"
    return f"`{json.dumps(value)}`"


def _kind(annotation: Any) -> str:  # noqa: ANN401
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin in {Union, types.UnionType}:
        return " or ".join(_kind(argument) for argument in arguments)
    if str(origin) == "typing.Literal":
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is list:
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return "mapping"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return names.get(annotation, "null" if annotation is type(None) else "any")


# --- environments -------------------------------------------------------------


def environment(name: str, purpose: str) -> str:
    """Return an environment file: what the scripts of its rules import, pinned as in the lock."""
    # Engines are imported by name at run time.
    engines = (
        (*MODULES.values(), "workflow.editing", "workflow.watching", "zollstock.ledger.clip")
        if name == "interventions"
        else ()
    )
    needed = set()
    for script in scripts_of(name):
        needed |= packages(script, *engines)
    lines = [
        f"# To {purpose}. Written by `make docs`; pins as in requirements.lock.",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python ={PYTHON}",
        "  - pip",
        "  - pip:",
        *(
            f"      - {package}=={pins()[package.lower()]}"
            for package in sorted(needed, key=str.lower)
        ),
    ]
    return "\n".join(lines) + "\n"


def scripts_of(environment_name: str) -> list[Path]:
    """Return the scripts of the rules that name this environment."""
    scripts = []
    for rules in sorted((ROOT / "rules").glob("*.smk")):
        for rule in re.split(r"^rule ", rules.read_text(), flags=re.MULTILINE)[1:]:
            env = re.search(r"envs/(\w+)\.yaml", rule)
            script = re.search(r"workflow/scripts/(\w+\.py)", rule)
            if env and script and env.group(1) == environment_name:
                scripts.append(ROOT / "workflow" / "scripts" / script.group(1))
    return scripts


@cache
def pins() -> dict[str, str]:
    """Return distribution (lower case, with hyphens) → version in the lock."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pairs = [line.split("==") for line in lines if "==" in line]
    return {name.lower().replace("_", "-"): version for name, version in pairs}


if __name__ == "__main__":
    main()
