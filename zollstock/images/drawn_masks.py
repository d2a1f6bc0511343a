"""Checksums of the masks that a model drew for a study, beside their folder.

Beside it, so that a copy of the folder that a user paints in is the user's own.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from zollstock.files import check_sha256, read_json, sha256_of, write_json


def checksums_beside(folder: Path) -> Path:
    """Return the file of a folder of masks."""
    return Path(f"{folder}.checksums.json")


def write_checksums(folder: Path, images: Sequence[str]) -> None:
    """Note the masks of all images, by their ids."""
    write_json(
        {image: sha256_of(folder / f"{image}.png") for image in images}, checksums_beside(folder)
    )


def check_drawn(folder: Path, image: str) -> None:
    """Compare an image's mask with its checksum, where a model drew the folder's masks.

    Raises
    ------
    ZollstockError
        If it is lost, harmed or another's.
    """
    noted = checksums_beside(folder)
    try:
        known = _read(noted, noted.stat().st_mtime_ns)
    except OSError:
        return  # a user's folder
    if image in known:  # a picture that is explained alone is none of the study's
        check_sha256(
            folder / f"{image}.png",
            known[image],
            f"the mask that was drawn of '{image}'",
            "Run again with --forcerun segment_images. To correct masks, copy their folder, paint "
            "in the copy, and name it as the property's mask.",
            noted="the model drew",
        )


@lru_cache(maxsize=4)
def _read(file: Path, changed: int) -> dict[str, str]:
    found: dict[str, str] = read_json(file)
    return found
