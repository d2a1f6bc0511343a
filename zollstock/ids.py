"""From the names of files to the ids of images, and back to the files named after them.

An id is the name without its ending, in which letters, marks and digits of all scripts, ``_``,
``.`` and ``-`` are kept and all else becomes ``-``. Standard library only.
"""

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

from zollstock.errors import printable
from zollstock.folders import located, stem

LONGEST = 100
"""Bytes of an id: with what stands before and behind it in the names of results it stays a name
that every system takes."""


def safe_id(text: str) -> str:
    """Return the id of a name; "" if nothing of it can be kept."""
    text = unicodedata.normalize("NFC", printable(text))
    kept = "".join(sign if _is_kept(sign) else " " for sign in text)
    name = "-".join(kept.split()).strip("-.")
    if len(name.encode()) <= LONGEST:
        return name
    cut = name.encode()[: LONGEST - 9].decode(errors="ignore")
    return f"{cut.rstrip('-.')}-{_mark(text)}"


def unique_ids(names: Sequence[str]) -> list[str]:
    """Return an id for each of different names; those that clash get a hash of the name."""
    return _told_apart(list(names), [safe_id])


def ids_of_files(paths: Sequence[str], *, with_folders: bool) -> list[tuple[str, str]]:
    """Return id and name of each of different files.

    Parameters
    ----------
    paths
        Relative to a folder, in POSIX form.
    with_folders
        Whether the folders are part of each id, as classes are. Otherwise they are where two
        files have one name; folders that all share are left out.

    Returns
    -------
    list of (str, str)
        The id. The name as the user spells it: the file's own without ending, or with folders
        before it, where no other file is called so; else the id.
    """
    shared = "" if with_folders else _shared_folder(paths)

    def full(path: str) -> str:
        return path[len(shared) :]

    def whole(path: str) -> str:
        parts = PurePosixPath(full(path))
        return (parts.parent / stem(parts.name)).as_posix()

    def short(path: str) -> str:
        return stem(PurePosixPath(path).name)

    longer: list[Callable[[str], str]] = [whole, full]
    spelt = longer if with_folders else [short, *longer]
    ids = _told_apart(list(paths), [lambda path, s=s: safe_id(s(path)) for s in spelt])  # type: ignore[misc]
    taken = {_key(name): name for name in ids}
    names = dict(zip(paths, ids, strict=True))
    for way in (lambda path: whole(path).replace("/", "-"), short):
        counts = Counter(map(way, paths))
        for path, id_ in zip(paths, ids, strict=True):
            if counts[way(path)] == 1 and taken.get(_key(way(path)), id_) == id_:
                names[path] = way(path)
    return [(id_, names[path]) for path, id_ in zip(paths, ids, strict=True)]


def place_of(pattern: str, id_: str, name: str = "") -> Path:
    """Return where the file or folder of an image lies.

    Parameters
    ----------
    pattern
        A path in which ``{image}`` stands for the image.
    id_, name
        The image's id, and its name as the user spells it. Either may stand there; so may
        anything that the same id comes from.

    Returns
    -------
    Path
        With the id where there is none.
    """
    if "{image}" not in pattern:
        return located(Path(pattern))
    spellings = [text for text in (id_, name) if text not in {"", ".", ".."} and "/" not in text]
    for spelling in spellings:
        place = located(Path(pattern.replace("{image}", spelling)))
        if _there(place):
            return place
    before, _, behind = pattern.partition("{image}")
    folder, _, start = before.rpartition("/")
    end, slash, rest = behind.partition("/")
    if "{image}" not in behind:
        root = located(Path(folder or ("/" if before.startswith("/") else ".")))
        fitting = [
            entry
            for entry in _names_in(root)
            if entry.startswith(start)
            and entry.endswith(end)
            and _is_called(entry[len(start) : len(entry) - len(end)], id_, name)
        ]
        if len(fitting) == 1:
            return root / f"{fitting[0]}{slash}{rest}"
    return Path(pattern.replace("{image}", id_))


def _is_called(text: str, id_: str, name: str) -> bool:
    return printable(text) == name or safe_id(text) == id_


def _there(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:
        return False  # the spelling is too long for a name


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names are wanted
    except OSError:
        return []


def _told_apart(names: list[str], ways: Iterable[Callable[[str], str]]) -> list[str]:
    """Return a word for each name: the first way's; the next one's where that one clashes."""
    first, *others = ways
    found = {name: first(name) for name in names}
    last = others[-1] if others else first
    for longer in (*others, lambda name: f"{last(name)}-{_mark(name)}".lstrip("-")):
        # Some systems ignore case in names of files.
        counts = Counter(map(_key, found.values()))
        for name, word in found.items():
            if counts[_key(word)] > 1 or not word:
                found[name] = longer(name)
    return [found[name] for name in names]


def _key(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]


def _is_kept(sign: str) -> bool:
    if sign.isascii():
        return sign.isalnum() or sign in "_.-"
    kind = unicodedata.category(sign)
    return kind[0] in "LMN" or kind == "So"


def _shared_folder(paths: Sequence[str]) -> str:
    """Return what all paths begin with, up to a slash."""
    folders = [path[: path.rfind("/") + 1] for path in paths]
    shared = os.path.commonprefix(folders)  # noqa: RUF071 - commonpath refuses mixed ones
    return shared[: shared.rfind("/") + 1]
