"""The seal of predictions on disk: what they were made from, and that they are whole.

Predictions are no declared output of a rule, since Snakemake deletes outputs before a job starts:
those that a model has made once are to be found again. The seal is written last, into the
attributes of the Zarr group; a group without one is unfinished, one that differs is harmed. A whole
group may still be another's, copied to a wrong place or taken from an old copy: a model's note says
which one it wrote.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.files import files_in, read_json, sha256_of

_SEAL = "seal"


@dataclass(frozen=True)
class Origin:
    """What predictions were made from.

    Attributes
    ----------
    model
        Fingerprint of the model and of how it is run.
    steps
        Most frames of a path.
    paths
        Checksum, draw and image of each path, in order; ``failed`` stands for the checksum of one
        that could not be made.
    """

    model: str
    steps: int
    paths: tuple[str, ...]


def write_seal(root: Path, origin: Origin | None) -> None:
    """Mark a group as whole."""
    metadata = root / "zarr.json"
    content = json.loads(metadata.read_text(encoding="utf-8"))
    attributes = content["attributes"]
    attributes[_SEAL] = {} if origin is None else vars(origin) | {"paths": list(origin.paths)}
    attributes[_SEAL]["checksum"] = _checksum(root, attributes)
    metadata.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


def checksum_of_whole(root: Path) -> str | None:
    """Return the checksum of a group that is whole; None of one that is not there, or harmed."""
    attributes = _attributes(root)
    try:
        checksum = attributes[_SEAL]["checksum"]
        return str(checksum) if checksum == _checksum(root, attributes) else None
    except (KeyError, TypeError, OSError):
        return None


def origin_of(root: Path) -> Origin | None:
    """Return what predictions were made from; None where that is not known."""
    try:
        seal = _attributes(root)[_SEAL]
        return Origin(str(seal["model"]), int(seal["steps"]), tuple(map(str, seal["paths"])))
    except (KeyError, TypeError, ValueError):
        return None


def check_seal(root: Path) -> None:
    """Raise a `ZollstockError` unless predictions are whole and as they were written."""
    checksum = checksum_of_whole(root)
    if checksum is None:
        found = "holds no predictions, or others than were written"
    elif checksum not in (_noted(root) or {checksum}):
        found = "holds whole predictions, but others than the model's note speaks of"
    else:
        return
    raise ZollstockError(
        root,
        found if root.exists() else "is missing",
        "whole predictions",
        "Run again with --forcerun infer; those that are whole are kept. Of an archive, unpack it "
        "again.",
    )


def _noted(root: Path) -> set[str]:
    """Return the checksums that the notes of a model give for a group; see jobs/infer.py.

    Beside the note of all properties there may be one of placebos, and an old one of either kind.
    """
    folder, name = root.parent.parent, root.parent.name
    notes = [folder / f"{root.stem}.json", *sorted(folder.glob(f"{root.stem}.*.json"))]
    return {
        str(found[name]["checksum"])
        for found in (read_json(note) for note in notes if note.is_file())
        if name in found
    }


def _attributes(root: Path) -> dict[str, Any]:
    try:
        found = json.loads((root / "zarr.json").read_text(encoding="utf-8"))["attributes"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _checksum(root: Path, attributes: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all files below a group and of its attributes but the checksum."""
    seal = {key: value for key, value in attributes[_SEAL].items() if key != "checksum"}
    text = json.dumps({**attributes, _SEAL: seal}, sort_keys=True)
    digest = hashlib.sha256(text.encode())
    for file in files_in(root):
        if file != root / "zarr.json":
            name = file.relative_to(root).as_posix()
            digest.update(f"{sha256_of(file)}  {name}\n".encode())
    return digest.hexdigest()
