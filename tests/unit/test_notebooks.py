"""The notebooks run from their first cell to their last, and end with a picture."""

import ast
import base64
import json
import socket
import time
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from zollstock.generator.notebooks import executed, notebooks

NAMES = ["imagenet", "locate", "measure", "repair", "trace"]


def test_all_are_there_and_stored_without_outputs():
    assert [file.stem for file in notebooks()] == NAMES
    for file in notebooks():
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs") and cell.get("execution_count") is None, file.name


@pytest.mark.notebooks
@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_ends_with_a_picture(name, monkeypatch, tmp_path):
    def refused(*_):
        raise OSError("no network in a notebook")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setenv("ZOLLSTOCK_DATA", str(tmp_path))  # stand-ins are shown everywhere
    (file,) = (file for file in notebooks() if file.stem == name)
    begun = time.process_time()
    cells = executed(file)["cells"]
    assert time.process_time() - begun < 60
    assert cells[0]["cell_type"] == "markdown" and cells[0]["source"][0].startswith("# ")
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    shown = code[-1]["outputs"][-1]["data"]
    picture = np.asarray(Image.open(BytesIO(base64.b64decode(shown["image/png"]))))
    assert min(picture.shape[:2]) > 200 and picture.std() > 10
    complaints = [out for cell in code for out in cell["outputs"] if out.get("name") == "stderr"]
    assert not complaints, complaints


@pytest.mark.parametrize("name", NAMES)
def test_calls_are_few_and_plain(name):
    (file,) = (file for file in notebooks() if file.stem == name)
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    imported = [
        node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    own = [
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imported
    ]
    # What a newcomer has to know is one name.
    assert [name for name in own if str(name).startswith("zollstock")] == ["zollstock"]
    assert len(code.splitlines()) < 80


def test_a_mistake_in_a_cell_is_named(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# A"]},
        {"cell_type": "code", "source": ["print('x')\n", "1 + 1"]},
        {"cell_type": "code", "source": ["1 / 0"]},
    ]
    file = tmp_path / "broken.ipynb"
    file.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"broken\.ipynb, cell 2: ZeroDivisionError"):
        executed(file)
    file.write_text(json.dumps({"cells": cells[:2]}), encoding="utf-8")
    printed, value = executed(file)["cells"][1]["outputs"]
    assert printed["text"] == "x\n" and value["data"] == {"text/plain": "2"}
