"""Files that follow from others are in step with them."""

import difflib
import re
from pathlib import Path

import pytest

from zollstock.generator.environments import pins
from zollstock.generator.generate import generated

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", generated(), ids=lambda path: path.name)
def test_generated_file_is_in_step(path):
    wanted = generated()[path]
    found = path.read_text() if path.exists() else ""
    diff = "\n".join(
        difflib.unified_diff(found.splitlines(), wanted.splitlines(), "file", "settings", n=1)
    )
    assert found == wanted, f"{path.relative_to(ROOT)} is out of step; run `make docs`\n{diff}"


def test_every_rule_names_its_environment_and_directives_in_order():
    order = ["input", "output", "log", "benchmark", "wildcard_constraints", "priority", "conda"]
    order += ["threads", "resources", "params", "script"]
    for path in (ROOT / "rules").glob("*.smk"):
        rules = re.split(r"^rule (\w+):", path.read_text(), flags=re.MULTILINE)[1:]
        for name, body in zip(rules[::2], rules[1::2], strict=True):
            found = re.findall(r"^    (\w+):", body, flags=re.MULTILINE)
            assert found == [key for key in order if key in found], name
            # Targets have no script.
            targets = {"figures", "locate", "trace", "repair", "to_paint", "dynamics", "paper"}
            if name not in targets | {"prefetch_editors"}:
                assert set(order) - {"wildcard_constraints", "priority"} <= set(found), name
                assert f'script:\n        "../workflow/scripts/{name}.py"' in body


def test_declared_dependencies_are_pinned():
    text = (ROOT / "pyproject.toml").read_text()
    declared = re.findall(r'^    "([A-Za-z0-9-]+)>=', text, flags=re.MULTILINE)
    assert declared
    missing = [name for name in declared if name.lower() not in pins()]
    assert not missing
