"""Run notebooks, and keep what their cells show: ``python -m zollstock.generator.notebooks OUT``.

They are stored without outputs, so that a change of one is a change of its cells. Cells are run in
this process, one notebook after the other, by nothing but Python: they hold no magics, and what is
shown is what a notebook would show, a picture, a table or text.
"""

import ast
import base64
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
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


def main(arguments: Sequence[str]) -> None:
    """Write the notebooks with their outputs into a folder."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for notebook in notebooks():
        text = json.dumps(executed(notebook), indent=1, ensure_ascii=False)
        (folder / notebook.name).write_text(text + "\n", encoding="utf-8")
        print(folder / notebook.name)


if __name__ == "__main__":
    main(sys.argv[1:])
