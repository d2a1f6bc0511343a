"""Every generated file and its content."""

import json
from pathlib import Path

from zollstock.generator.environments import ENVIRONMENTS, environment
from zollstock.generator.pages import settings_page
from zollstock.plan.imports import ROOT
from zollstock.settings import Study


def generated() -> dict[Path, str]:
    """Return path → content of every generated file."""
    schema = json.dumps(Study.model_json_schema(), indent=1) + "\n"
    files = {
        ROOT / "config" / "README.md": settings_page(),
        ROOT / "workflow" / "schemas" / "config.schema.json": schema,
    }
    for name in ENVIRONMENTS:
        files[ROOT / "envs" / f"{name}.yaml"] = environment(name)
    return files
