"""Run notebooks, and write a page of each into docs/: ``python -m zollstock.generator.notebooks``.

They are stored without outputs, so that a change of one is a change of its cells; the pages have
them. Cells are run in this process, one notebook after the other, by nothing but Python: they hold
no magics, and what is shown is what a notebook would show, a picture, a table or text. What does
not lie on the machine that writes the pages is told in them; ``ZOLLSTOCK_DATA`` is left aside.
"""

import ast
import base64
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
PAGES = ROOT / "docs" / "notebooks"
_COLOURS = 128
_SHOWN = {"image/png": "_repr_png_", "text/html": "_repr_html_", "text/markdown": "_repr_markdown_"}


def notebooks() -> list[Path]:
    """Return the project's notebooks."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def executed(notebook: Path) -> dict[str, Any]:
    """Return a notebook as JSON has it, its cells run and their outputs beside them.

    Raises
    ------
    RuntimeError
        If a cell fails; its number and the mistake are named.
    """
    found: dict[str, Any] = json.loads(notebook.read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": "__main__"}
    count = 0
    for place, cell in enumerate(found["cells"]):
        if cell["cell_type"] != "code":
            continue
        count += 1
        try:
            cell["outputs"] = list(_run("".join(cell["source"]), names, count))
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise RuntimeError(f"{notebook.name}, cell {place}: {said}") from error
        cell["execution_count"] = count
    return found


def _run(source: str, names: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """Run a cell, and yield its outputs: what it printed, and the value of its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, complained = StringIO(), StringIO()
    value = None
    with redirect_stdout(printed), redirect_stderr(complained):
        exec(compile(tree, "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    for name, text in (("stdout", printed), ("stderr", complained)):
        if text.getvalue():
            yield {"output_type": "stream", "name": name, "text": text.getvalue()}
    if value is not None:
        yield {
            "output_type": "execute_result",
            "execution_count": count,
            "metadata": {},
            "data": _shown(value),
        }


def _shown(value: object) -> dict[str, str]:
    """Return what a notebook shows of a value, by its kind."""
    found = {"text/plain": repr(value)}
    for kind, name in _SHOWN.items():
        method: Callable[[], Any] | None = getattr(value, name, None)
        content = None if method is None else method()
        if isinstance(content, bytes):
            found[kind] = base64.b64encode(content).decode()
        elif content is not None:
            found[kind] = str(content)
    return found


def page_of(found: Mapping[str, Any], name: str) -> tuple[str, dict[str, bytes]]:
    """Return an executed notebook as a page, and its pictures by the names of their files."""
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in found["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            shown = output.get("data", {})
            if "image/png" in shown:
                file = f"{name}-{len(pictures) + 1}.png"
                pictures[file] = base64.b64decode(shown["image/png"])
                parts.append(f"![{name}: what the cell draws]({file})")
                continue
            text = output.get("text", shown.get("text/plain", "")).rstrip("\n")
            parts.append(f"```\n{text}\n```")
    return "\n\n".join(parts) + "\n", pictures


def main() -> None:
    """Write a page of each notebook, with the pictures that its cells draw."""
    os.environ["ZOLLSTOCK_DATA"] = str(PAGES / "nothing")
    PAGES.mkdir(parents=True, exist_ok=True)
    for notebook in notebooks():
        text, pictures = page_of(executed(notebook), notebook.stem)
        for file, content in pictures.items():
            picture = Image.open(BytesIO(content)).convert("RGB")
            picture.quantize(_COLOURS).save(PAGES / file, optimize=True)
        (PAGES / f"{notebook.stem}.md").write_text(text, encoding="utf-8")
        print(PAGES / f"{notebook.stem}.md")


if __name__ == "__main__":
    main()
