"""SHA-256 of files and folders. Standard library only."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from zollstock.errors import ZollstockError
from zollstock.files import files_in, sha256_of


def tree_sha256(folder: Path) -> str:
    """Return the SHA-256 of the lines ``<sha256>  <name>`` of all files below a folder.

    The lines are those of ``sha256sum``, sorted by name.
    """
    digest = hashlib.sha256()
    for file in files_in(folder):
        digest.update(f"{sha256_of(file)}  {file.relative_to(folder).as_posix()}\n".encode())
    return digest.hexdigest()


def checksum_of(path: Path) -> str:
    """Return the checksum of a file or of a folder taken as one thing."""
    return tree_sha256(path) if path.is_dir() else sha256_of(path)


def list_files(root: Path, parts: Mapping[str, Sequence[Path]]) -> dict[str, dict[str, str | int]]:
    """Describe results, so that they can be compared later.

    Parameters
    ----------
    root
        The folder that names are given from.
    parts
        Part → files and folders. A Zarr group is one entry whose name ends in ``/``;
        of other folders every file is one.

    Returns
    -------
    dict
        Name → ``part``, ``sha256`` and ``bytes``, sorted by name.

    Raises
    ------
    ZollstockError
        If something is not there.
    """
    entries: dict[str, dict[str, str | int]] = {}
    for part, paths in parts.items():
        for path in paths:
            if not path.exists():
                raise ZollstockError(
                    path, "is missing", "a finished study", "Run snakemake, then try again."
                )
            group = path.suffix == ".zarr"
            for found in [path] if group or path.is_file() else files_in(path):
                name = found.relative_to(root).as_posix() + ("/" if group else "")
                size = sum(file.stat().st_size for file in files_in(found)) if group else None
                entries[name] = {
                    "part": part,
                    "sha256": checksum_of(found),
                    "bytes": found.stat().st_size if size is None else size,
                }
    return dict(sorted(entries.items()))
