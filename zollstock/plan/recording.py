"""What the record and the archive of a study ask of the workflow. Standard library only."""

from collections.abc import Iterable, Mapping
from pathlib import Path


def lacking(parts: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the names of the parts that an archive lacks, be it a single file of them.

    Parameters
    ----------
    parts
        Name → its files.
    """
    return {name for name, files in parts.items() if not all(Path(file).exists() for file in files)}


def result_scripts(folder: Path) -> list[str]:
    """Return the names of the scripts whose packages results may depend on.

    Calibration, fetching and the making of editors change no result of a study.
    """
    others = ("calibrat", "draw_calibration", "train_editor", "fetch", "archive", "redraw")
    return sorted(path.name for path in folder.glob("*.py") if not path.name.startswith(others))
