"""What lies in a user's folders, links included. Standard library only: the plan asks too."""

import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

from zollstock.errors import ZollstockError, printable

NO_PICTURES = ("Thumbs.db", "desktop.ini", "ehthumbs.db", "Icon\r")
"""Files that systems leave in folders of pictures; passed over like hidden ones."""


def is_hidden(name: str) -> bool:
    """Return whether a name is passed over without a word.

    Names that begin with a dot are, unless a digit follows (``.5.png`` is a value), and so are
    `NO_PICTURES`.
    """
    return name in NO_PICTURES or (name.startswith(".") and not name[1:2].isdigit())


def entries(folder: Path | str, lost: list[str] | None = None) -> tuple[list[str], list[str]]:
    """Return the files and the folders in a folder, sorted, those behind links included.

    Hidden ones are left out, and what is neither.

    Parameters
    ----------
    folder
        Where to look.
    lost
        Takes links that lead nowhere, and what else is neither a file nor a folder.

    Raises
    ------
    OSError
        If the folder cannot be read.
    """
    files, folders = [], []
    with os.scandir(folder) as found:
        for entry in found:
            if is_hidden(entry.name):
                continue
            try:
                if entry.is_dir():
                    folders.append(entry.path)
                    continue
                if entry.is_file():
                    files.append(entry.path)
                    continue
            except OSError:
                pass  # a link to itself
            if lost is not None:
                lost.append(entry.path)
    return sorted(files), sorted(folders)


def files_below(
    folder: Path | str,
    fail: Callable[[OSError], None] | None = None,
    lost: list[str] | None = None,
) -> list[str]:
    """Return all files below a folder, sorted; links are followed, hidden ones left out.

    A folder that is reached twice is listed once: under its own name if that lies below `folder`.
    Links to a folder that they lie in lead nowhere.

    Parameters
    ----------
    folder
        Where to begin.
    fail
        Called with the error of a folder that cannot be read; by default it is passed over.
    lost
        See `entries`.
    """
    files: list[str] = []
    seen: set[tuple[int, int]] = set()
    # Links wait until all real folders were listed.
    waiting, links = [str(folder)], list[str]()
    while waiting or links:
        place = waiting.pop() if waiting else links.pop(0)
        try:
            known = Path(place).stat()
            if (known.st_dev, known.st_ino) in seen:
                continue
            seen.add((known.st_dev, known.st_ino))
            here, folders = entries(place, lost)
        except OSError as error:
            if fail is not None:
                fail(error)
            continue
        files += here
        for inner in folders:
            if not os.path.islink(inner):  # noqa: PTH114
                waiting.append(inner)
            elif not Path(place).resolve().is_relative_to(Path(inner).resolve()):
                links.append(inner)
    return sorted(files)


def files_in_classes(
    folder: Path | str,
    fail: Callable[[OSError], None] | None = None,
    *,
    dead: bool = False,
) -> list[tuple[str, str]]:
    """Return (subfolder, file) of all files below each subfolder of a folder.

    Each is searched by itself: links may lead to one folder from several.

    Parameters
    ----------
    folder, fail
        As in `files_below`.
    dead
        Whether links that lead nowhere are listed as files too, for a reader that calls them
        missing.

    Raises
    ------
    OSError
        If the folder itself cannot be read.
    ZollstockError
        If a link in it leads nowhere, as that of a class does whose disk is not there.
    """
    beside: list[str] = []
    classes = entries(folder, beside)[1]
    for link in filter(os.path.islink, beside):
        if classes and stem(Path(link).name) == Path(link).name:
            raise leads_nowhere(link, "a folder of pictures, since there are others beside it")
    found = []
    for child in classes:
        lost: list[str] = []
        files = files_below(child, fail, lost)
        links = filter(os.path.islink, lost) if dead else ()
        found += [(child, file) for file in sorted([*files, *links])]
    return found


def leads_nowhere(link: str, expected: str) -> ZollstockError:
    """Return what to tell of a link to what is not there."""
    return ZollstockError(
        link,
        f"is a link to {printable(os.readlink(link))}, which is not there",  # noqa: PTH115
        expected,
        "Mount its disk, or remove the link.",
    )


def located(path: Path) -> Path:
    """Return a path as it is spelt on disk, where letters with marks may be composed or not.

    ``é`` is one sign or two (NFC, NFD); systems differ in which one they keep. A path that is
    there, or that nothing else is spelt like, is returned as it is.
    """
    if _exists(path):
        return path
    here = Path(path.anchor)
    for part in path.parts[1 if path.anchor else 0 :]:
        here = here / part if _exists(here / part) else here / _twin(here, part)
    return here if _exists(here) else path


def _twin(folder: Path, name: str) -> str:
    try:
        found = [other for other in os.listdir(folder) if same_name(other, name)]  # noqa: PTH208
    except OSError:
        return name
    return found[0] if len(found) == 1 else name


def same_name(one: str, other: str) -> bool:
    """Return whether names are equal but for the Unicode form of their letters."""
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def natural(text: str) -> list[tuple[int, str]]:
    """Return what sorts 2 before 10: runs of digits count as numbers."""
    parts = re.split(r"([0-9]+)", text)
    return [(int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts]


def stem(name: str) -> str:
    """Return a file's name without its ending: of ``0.25`` nothing is one."""
    return re.sub(r"(?<=.)\.[A-Za-z][A-Za-z0-9]{0,4}$", "", printable(name), flags=re.DOTALL)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False  # too long for a name
