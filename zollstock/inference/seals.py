"""The seal of predictions on disk: what they were made from, and that they are whole.

Predictions are no declared output of a rule, since Snakemake deletes outputs before a job starts:
those that a model has made once are to be found again. The seal is written last, into the
attributes of the Zarr group; a group without one is unfinished, one that differs is harmed.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.files import files_in, sha256_of

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
    if checksum_of_whole(root) is None:
        raise ZollstockError(
            root,
            "holds no predictions, or others than were written" if root.exists() else "is missing",
            "whole predictions",
            "Run again with --forcerun infer; those that are whole are kept.",
        )


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
