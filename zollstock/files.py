"""Small files between the stages, and what any file holds."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from zollstock.errors import ZollstockError


class HarmedFile(ZollstockError, ValueError):
    """A file that is no JSON, for instance one that was cut off."""


def write_json(data: object, path: Path) -> None:
    """Write JSON with a stable layout, so that equal content is an equal file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


def read_json(path: Path) -> Any:  # noqa: ANN401 - JSON holds anything
    """Read what `write_json` wrote.

    Raises
    ------
    HarmedFile
        If it is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise HarmedFile(
            path,
            f"cannot be read ({error})",
            "JSON",
            "If zollstock wrote it, delete it and run again; finished paths are kept.",
        ) from None


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file's content, hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


TIMESTAMP = ".snakemake_timestamp"
"""A file that Snakemake keeps in folders; it is no result."""


def files_in(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder, by their names in POSIX form."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != TIMESTAMP)
    yield from sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def check_sha256(
    file: Path, known: str, expected: str, fix: str, *, noted: str = "its card speaks of"
) -> None:
    """Compare a file with the SHA-256 that was noted of it.

    Parameters
    ----------
    file
        The file.
    known
        Its SHA-256.
    expected, fix
        What is told if it is another; see `zollstock.errors.ZollstockError`.
    noted
        What it would differ from: "what …".

    Raises
    ------
    ZollstockError
        If it is missing, harmed or another.
    """
    if not file.is_file():
        raise ZollstockError(file, "is missing", expected, fix)
    if sha256_of(file) != known:
        raise ZollstockError(file, f"differs from what {noted}", expected, fix)


def models_in(files: Sequence[Path | str]) -> list[tuple[Path, Path]]:
    """Return weights and card of each model, from files that hold them in turn.

    So rules name models, see `zollstock.plan.study.Plan.model_files`.
    """
    paths = [Path(file) for file in files]
    return list(zip(paths[::2], paths[1::2], strict=True))


def files_named(words: Iterable[str]) -> list[str]:
    """Return the files that words of a command name, as they are spelt there.

    A word is one, or what stands behind the sign of equality of an option: ``--weights=my.pth``.
    """
    spelt = dict.fromkeys(
        name for word in words for name in (word, word.partition("=")[2] if word[:1] == "-" else "")
    )
    # `isfile` says no to a part that is too long for a name, such as a whole script.
    return [name for name in spelt if os.path.isfile(name)]  # noqa: PTH113
