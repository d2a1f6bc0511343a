"""What the record and the archive of a study ask of the workflow. Standard library only."""

from collections.abc import Iterable, Sequence
from pathlib import Path


def drawable(
    figures: Iterable[str], needs: Iterable[tuple[Sequence[str], Sequence[str]]]
) -> list[str]:
    """Return the figures whose data are there.

    Parameters
    ----------
    figures
        All figures of the study.
    needs
        (figures, what they cannot be drawn without), for those that may lack something.
    """
    lacking: set[str] = set()
    for names, needed in needs:
        if not all(Path(path).exists() for path in needed):
            lacking |= {str(name) for name in names}
    return sorted({str(name) for name in figures} - lacking)


def result_scripts(folder: Path) -> list[str]:
    """Return the names of the scripts whose packages results may depend on.

    Calibration, fetching and the making of editors change no result of a study.
    """
    others = ("calibrat", "draw_calibration", "train_editor", "fetch", "archive", "redraw")
    return sorted(path.name for path in folder.glob("*.py") if not path.name.startswith(others))
