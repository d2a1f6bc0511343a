"""Finished rows on disk: JSON lines, a file an image, which only ever grows.

Each line says in ``made_by`` what it was made from, and has a checksum. A line that was cut off
when a job was killed, or harmed, is left out, and so are lines of other settings, which are found
again when these come back.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_CHECKSUM = "checksum"


class KeptRows:
    """The rows of one model.

    Parameters
    ----------
    root
        Folder of the files.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, image: str) -> dict[str, dict[str, Any]]:
        """Return the rows of an image by what they were made from."""
        try:
            text = self._file(image).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return {}
        rows = [row for line in text.splitlines() if (row := _row(line)) is not None]
        return {row["made_by"]: row for row in rows}

    def append(self, image: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add the rows of an image, on the disk when this returns."""
        file = self._file(image)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab") as out:
            lines = ({**row, _CHECKSUM: _checksum(row)} for row in rows)
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in lines)
            out.write(_end(file) + text.encode())

    def _file(self, image: str) -> Path:
        return self.root / f"{image}.jsonl"


def _end(file: Path) -> bytes:
    """Return what ends a line that was cut off, so that no other is joined to it."""
    with file.open("rb") as content:
        size = content.seek(0, 2)
        if not size:
            return b""
        content.seek(size - 1)
        return b"" if content.read(1) == b"\n" else b"\n"


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    if not isinstance(row, dict) or not isinstance(row.get("made_by"), str):
        return None
    return row if row.pop(_CHECKSUM, None) == _checksum(row) else None


def _checksum(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]
