"""Texts are read and written in UTF-8, whatever the locale says."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "zollstock").rglob("*.py"), *(ROOT / "workflow").rglob("*.py")])


def of_locale(text):
    """Return the lines of calls that would take the locale's encoding."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and asks_the_locale(node)
    ]


def asks_the_locale(call):
    given = {keyword.arg for keyword in call.keywords}
    if given & {"text", "universal_newlines"}:
        return "encoding" not in given
    if not isinstance(call.func, (ast.Name, ast.Attribute)) or "encoding" in given:
        return False
    method = isinstance(call.func, ast.Attribute)
    name = call.func.attr if method else call.func.id
    if name in {"read_text", "write_text"}:
        return True
    # The mode is the first argument of Path.open, and the second one of open.
    modes = call.args[0 if method else 1 :][:1]
    if name not in {"open", "fdopen", "NamedTemporaryFile"}:
        return False
    if method and modes and not isinstance(modes[0], ast.Constant):
        return False  # a picture, or a member of a zip
    return not modes or "b" not in modes[0].value


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("path.read_text()", True),
        ("path.read_text(encoding='utf-8')", False),
        ("path.open()", True),
        ("path.open('w', newline='')", True),
        ("path.open('rb')", False),
        ("open(file)", True),
        ("open(file, 'a')", True),
        ("open(file, 'rb')", False),
        ("Image.open(file)", False),
        ("subprocess.run(command, text=True)", True),
        ("subprocess.run(command, encoding='utf-8', text=True)", False),
    ],
)
def test_the_test_sees_what_it_looks_for(code, found):
    assert bool(of_locale(code)) == found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_text_is_read_or_written_in_the_locales_encoding(file):
    assert not of_locale(file.read_text(encoding="utf-8"))


def test_no_rule_reads_or_writes_text():
    for file in [ROOT / "Snakefile", *(ROOT / "rules").glob("*.smk")]:
        assert not re.search(r"read_text|write_text|\bopen\(", file.read_text(encoding="utf-8"))
