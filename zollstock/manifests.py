"""Manifests: what a property's paths are, and where they lie. Standard library only.

A manifest is JSON: ``property``, ``settings``, ``seed``, ``shape``, ``facts``; ``store``, the name
of the folder beside it that holds the paths; and ``images``, an entry per path with ``image``,
``draw``, ``row``, and either ``failed`` (why there is none; ``unmatched`` beside it: a placebo
that cannot be as large as its edit) or ``fingerprint``, ``checksum``, ``change`` (the checksum of
how far each frame is from the unedited image) and ``size`` (the largest of these mean absolute
pixel changes).
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.files import read_json

PICTURES = "pictures"
"""What the predictions of a study's pictures are called, beside those of its properties."""
PLACEBOS = "placebos-"
"""What names of sets of placebos begin with; no property's does."""


def read_manifest(file: Path) -> dict[str, Any]:
    """Read a manifest.

    Raises
    ------
    ZollstockError
        If it is no manifest, one of an earlier layout, or another property's.
    """
    manifest = read_json(file)
    if not isinstance(manifest, dict) or "store" not in manifest:
        raise ZollstockError(
            file,
            "names no store of paths, as those of an earlier version",
            "the manifest of a property",
            "Delete it and run again, or open these results with the version that made them.",
        )
    if manifest.get("property", file.stem) != file.stem:
        raise ZollstockError(
            file,
            f"is the manifest of '{manifest['property']}'",
            f"that of '{file.stem}'",
            "Run again with --forcerun plan_interventions intervene make_placebos; paths that "
            "are whole are kept. Of an archive, unpack it again.",
        )
    return manifest


def unmatched_in(manifest: Mapping[str, Any]) -> set[tuple[str, int]]:
    """Return (image, draw) of placebos that could not be made as large as the edit."""
    return {
        (entry["image"], entry["draw"]) for entry in manifest["images"] if entry.get("unmatched")
    }


def store_of(file: Path) -> Path:
    """Return the folder with the paths that a manifest speaks of; errors as in `read_manifest`."""
    return file.parent / read_manifest(file)["store"]


def name_of_placebos(engine: str, placebos: Mapping[str, Any], edits: Mapping[str, Any]) -> str:
    """Return the name of a set of placebos: not their number or who shares them makes it.

    Names are parts of paths of files, so that placebos made once are found again, and tell which
    edits a set belongs to.

    Parameters
    ----------
    engine
        Of the edits.
    placebos, edits
        What changes the frames of the placebos, and of the edits.
    """
    made_by = {"placebos": dict(placebos), "edits": dict(edits)}
    text = json.dumps(made_by, sort_keys=True, ensure_ascii=False)
    return f"{PLACEBOS}{engine}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
