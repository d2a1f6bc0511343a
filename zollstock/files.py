"""Small files between the stages."""

import json
from pathlib import Path
from typing import Any


def write_json(data: object, path: Path) -> None:
    """Write JSON with a stable layout, so that equal content is an equal file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


def read_json(path: Path) -> Any:  # noqa: ANN401 - JSON holds anything
    """Read what `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))
